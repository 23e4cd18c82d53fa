/** The knowledge in MongoDB. A document is replaced without a transaction: its record names the revision of the chunks that count. */
import { type CatalogueProduct, type Chunk, type KnowledgeDocument } from '../domain/knowledge.js';
import { type KnowledgeStore } from '../domain/knowledge-store.js';
import { type ChunkDocument } from './models/chunks.js';
import { type DocumentDocument } from './models/documents.js';
import { type Models } from './models/index.js';
import { type ProductDocument } from './models/products.js';
import { nativeCollection } from './native-collection.js';

const VERSION_ID = 'knowledge';

export function createKnowledgeStore(models: Pick<Models, 'documents' | 'chunks' | 'products' | 'knowledgeVersions'>): KnowledgeStore {
  const documents = nativeCollection(models.documents);
  const chunks = nativeCollection(models.chunks);
  const products = nativeCollection(models.products);
  const versions = nativeCollection(models.knowledgeVersions);

  return {
    async documents() {
      const found = await documents.find({}).sort({ _id: 1 }).toArray();
      return found.map(decodeDocument).sort((a, b) => (a.source < b.source ? -1 : 1));
    },

    async chunks() {
      const revisions = await currentRevisions();
      const found = await chunks.find({}, { projection: { embedding: 0 } }).toArray();
      return found
        .filter((chunk) => revisions.get(chunk.documentId) === chunk.revision)
        .map(decodeChunk)
        .sort((a, b) => (a.source === b.source ? a.position - b.position : a.source < b.source ? -1 : 1));
    },

    async embeddings() {
      const found = await chunks.find<Pick<ChunkDocument, '_id' | 'embedding'>>({}, { projection: { embedding: 1 } }).toArray();
      return new Map(found.map((chunk) => [chunk._id, Float32Array.from(chunk.embedding)]));
    },

    async replaceDocument(document, newChunks) {
      const revision = `${document.contentHash}:${document.loadedWith}`;
      if (newChunks.length > 0) {
        const writes = newChunks.map(({ id, embedding, ...chunk }) => ({
          replaceOne: { filter: { _id: id }, replacement: { ...chunk, revision, embedding: Array.from(embedding) }, upsert: true },
        }));
        await chunks.bulkWrite(writes, { ordered: false });
      }
      const { id, ...fields } = document;
      await documents.replaceOne({ _id: id }, { ...fields, revision }, { upsert: true });
      await chunks.deleteMany({ documentId: id, revision: { $ne: revision } });
      await advanceVersion();
    },

    async removeDocument(id) {
      const { deletedCount } = await documents.deleteOne({ _id: id });
      await chunks.deleteMany({ documentId: id });
      if (deletedCount > 0) await advanceVersion();
      return deletedCount > 0;
    },

    async products() {
      const found = await products.find({}).sort({ _id: 1 }).toArray();
      return found.map(decodeProduct);
    },

    async replaceProducts(catalogue) {
      const writes = catalogue.map(({ sku, ...product }) => ({
        replaceOne: { filter: { _id: sku }, replacement: product, upsert: true },
      }));
      if (writes.length > 0) await products.bulkWrite(writes, { ordered: false });
      await products.deleteMany({ _id: { $nin: catalogue.map((product) => product.sku) } });
      await advanceVersion();
    },

    async version() {
      const found = await versions.findOne({ _id: VERSION_ID });
      return found?.version ?? 0;
    },
  };

  async function currentRevisions(): Promise<Map<string, string>> {
    const found = await documents.find<Pick<DocumentDocument, '_id' | 'revision'>>({}, { projection: { revision: 1 } }).toArray();
    return new Map(found.map((document) => [document._id, document.revision]));
  }

  async function advanceVersion(): Promise<void> {
    await versions.updateOne({ _id: VERSION_ID }, { $inc: { version: 1 } }, { upsert: true });
  }
}

function decodeDocument({ _id, revision: _revision, ...fields }: DocumentDocument): KnowledgeDocument {
  return { id: _id, ...fields };
}

function decodeChunk({ _id, revision: _revision, ...fields }: Omit<ChunkDocument, 'embedding'>): Chunk {
  return { id: _id, ...fields };
}

function decodeProduct({ _id, ...fields }: ProductDocument): CatalogueProduct {
  return { sku: _id, ...fields };
}
