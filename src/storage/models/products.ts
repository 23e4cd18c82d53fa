/** Products: the company's catalogue as it was loaded last. */
import { type Connection, Schema } from 'mongoose';
import { type CatalogueProduct } from '../../domain/knowledge.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface ProductDocument extends Omit<CatalogueProduct, 'sku'> {
  /** The SKU. */
  readonly _id: string;
}

const schema = new Schema<ProductDocument>(
  {
    _id: { type: String, required: true },
    nameEs: { type: String, required: true },
    nameEn: { type: String, required: true },
    family: { type: String, required: true },
    thicknessMm: { type: Number, default: null },
    widthMm: { type: Number, default: null },
    lengthMm: { type: Number, default: null },
    colourEs: { type: String, default: null },
    colourEn: { type: String, default: null },
    unit: { type: String, required: true },
    priceEur: { type: Number, required: true },
    stock: { type: Number, required: true },
    synonyms: { type: [String], required: true },
  },
  { collection: 'products', versionKey: false, strict: true },
);

/** None: the catalogue is read all at once; matching names is done in memory. */
export const PRODUCT_INDEXES: readonly IndexDeclaration[] = [];

export const defineProductModel = (connection: Connection) => connection.model<ProductDocument>('Product', schema);
