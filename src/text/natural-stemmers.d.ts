/** The two stemmers of natural that are used, imported by path because the whole package loads six times slower. */
declare module 'natural/lib/natural/stemmers/porter_stemmer_es.js' {
  const stemmer: { stem(word: string): string };
  export { stemmer as default };
}
declare module 'natural/lib/natural/stemmers/porter_stemmer.js' {
  const stemmer: { stem(word: string): string };
  export { stemmer as default };
}
