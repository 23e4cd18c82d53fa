// The BSON layer in one import: values, bytes, order, paths and keys. It knows nothing of queries or storage.
export { decode, MAX_DOCUMENT_BYTES, rawGet } from './decode.js';
export { fieldReader, rawDocuments } from './fields.js';
export { encode, encodedSize } from './encode.js';
export { rewrite } from './rewrite.js';
export { compare, compareNumbers, compareStrings, deepEqual, hashKey, type StringOrder, typeRank } from './compare.js';
export { indexKeys, type KeyPart } from './index-keys.js';
export { directValue, distinctValues, isIndex, type LeafArrays, valuesAt, walkPath } from './paths.js';
export * from './types.js';
