/**
 * Words of customer service that mean the same, in Spanish and English: what lets "¿cuánto vale mandarlo?" find "tarifas de envío", and an English
 * question the Spanish page. General words of any shop; a company's own product names come from its catalogue.
 */
import { stem, stemVariants } from './words.js';

const GROUPS: readonly { readonly es: string; readonly en: string }[] = [
  {
    es: 'envio envios enviar enviais envian mandar mandais entrega entregar entregais reparto repartir repartis transporte',
    en: 'delivery deliver shipping ship send dispatch',
  },
  {
    es: 'precio precios coste costes costar cuesta cuestan vale valen tarifa tarifas importe cobrar cobrais cobran',
    en: 'price prices cost costs charge charges fee fees rate rates',
  },
  { es: 'plazo tardar tarda tardan tardais demora', en: 'time long take takes soon' },
  { es: 'devolver devolucion devoluciones devuelvo devuelve retornar', en: 'return returns returned' },
  { es: 'reembolso reembolsar abono', en: 'refund refunded refunds' },
  { es: 'garantia garantias garantizado', en: 'warranty warranties guarantee' },
  { es: 'pago pagos pagar abonar', en: 'pay payment payments paid' },
  { es: 'aplazado aplazar financiacion financiar cuotas', en: 'instalments instalment financing finance' },
  { es: 'horario horarios abrir abre abren abierto abierta apertura abris', en: 'hours open opening opens' },
  { es: 'cerrar cierra cierran cerrado cierre', en: 'close closed closing closes' },
  { es: 'tienda tiendas delegacion delegaciones sucursal', en: 'branch branches shop store stores' },
  { es: 'factura facturas facturar', en: 'invoice invoices' },
  { es: 'presupuesto presupuestos cotizacion cotizar', en: 'quote quotes quotation' },
  { es: 'muestra muestras', en: 'sample samples' },
  { es: 'roto rota danado danada dano danos golpeado', en: 'damaged damage broken' },
  { es: 'defecto defectos defectuoso defectuosa', en: 'faulty defect defective' },
  { es: 'gratis gratuito gratuita', en: 'free' },
  { es: 'minimo minima', en: 'minimum' },
  { es: 'maximo maxima', en: 'maximum' },
  { es: 'queja quejas reclamar reclamacion reclamaciones', en: 'complaint complaints complain claim' },
  { es: 'pedido pedidos encargo', en: 'order orders' },
  { es: 'cancelar cancelacion anular anulacion', en: 'cancel cancelled cancellation' },
  { es: 'recoger recogida recogidas recojo', en: 'collect collection pickup' },
  { es: 'cortar corte cortes cortais', en: 'cut cuts cutting' },
  { es: 'tejado tejados cubierta techo', en: 'roof roofs roofing' },
  { es: 'fachada fachadas pared muro', en: 'facade wall' },
  { es: 'suelo suelos', en: 'floor floors' },
  { es: 'tornillo tornillos tornilleria', en: 'screw screws' },
  { es: 'espesor espesores grosor', en: 'thickness thick' },
  { es: 'aislar aislante aislamiento', en: 'insulate insulation insulating' },
  { es: 'guardar guardo almacenar almacenamiento conservar', en: 'store keep stored storage' },
  { es: 'tarjeta tarjetas', en: 'card cards' },
  { es: 'transferencia transferencias', en: 'transfer transfers' },
  { es: 'efectivo metalico', en: 'cash' },
  { es: 'festivo festivos', en: 'holiday holidays' },
  { es: 'isla islas', en: 'island islands' },
  { es: 'grua', en: 'crane' },
  { es: 'descarga descargar', en: 'unload unloading' },
  { es: 'instalar instalacion montar montaje colocar colocacion', en: 'install installation fit fitting' },
  { es: 'estado seguimiento rastrear', en: 'status tracking track' },
  { es: 'telefono llamar llamada', en: 'phone telephone call' },
  { es: 'correo email', en: 'email mail' },
  { es: 'privacidad datos', en: 'privacy data' },
  { es: 'reciclar reciclaje residuos', en: 'recycle recycling waste' },
  { es: 'peso pesar pesa', en: 'weight weigh weighs' },
  { es: 'fuego incendio', en: 'fire' },
  { es: 'descuento descuentos rebaja', en: 'discount discounts' },
  { es: 'profesional profesionales empresa empresas', en: 'trade professional professionals' },
  { es: 'particular particulares', en: 'private' },
  { es: 'sabado sabados', en: 'saturday saturdays' },
  { es: 'domingo domingos', en: 'sunday sundays' },
  { es: 'semana semanas', en: 'week weeks' },
  { es: 'mes meses', en: 'month months' },
  { es: 'dia dias', en: 'day days' },
  { es: 'ano anos', en: 'year years' },
  { es: 'temperatura', en: 'temperature' },
  { es: 'color colores', en: 'colour colours' },
  { es: 'existencias disponible disponibilidad', en: 'stock available availability' },
];

const groupsByStem = new Map<string, Set<string>>();
for (const { es, en } of GROUPS) {
  const stems = new Set([...es.split(' ').map((word) => stem(word, 'es')), ...en.split(' ').map((word) => stem(word, 'en'))]);
  for (const one of stems) groupsByStem.set(one, new Set([...(groupsByStem.get(one) ?? []), ...stems]));
}

/** Stems of words that mean the same as a folded word in either language, without its own; empty for most words. */
export function relatedStems(word: string): readonly string[] {
  const own = stemVariants(word);
  const related = new Set(own.flatMap((variant) => [...(groupsByStem.get(variant) ?? [])]));
  return [...related].filter((one) => !own.includes(one));
}

/** Whether a folded word is one of the glossary's: a word of service rather than of a product. */
export const isInGlossary = (word: string): boolean => stemVariants(word).some((variant) => groupsByStem.has(variant));
