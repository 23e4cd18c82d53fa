/** Shows the codes to whoever started the service in a terminal; elsewhere, a log would keep them. */
import qrcode from 'qrcode';

export function showInTerminal(code: { readonly qr: string } | { readonly pairingCode: string }): void {
  if (!process.stdout.isTTY) return;
  void codeText(code).then((text) => process.stdout.write(text));
}

export async function codeText(code: { readonly qr: string } | { readonly pairingCode: string }): Promise<string> {
  if ('pairingCode' in code) return `\n  WhatsApp Web: type this code in on the phone: ${code.pairingCode}\n\n`;
  const drawn = await qrcode.toString(code.qr, { type: 'terminal', small: true });
  return `\n  WhatsApp Web: on the phone, Settings > Linked devices > Link a device, and scan:\n\n${drawn}\n`;
}
