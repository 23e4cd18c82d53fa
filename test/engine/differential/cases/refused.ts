// What MongoDB answers and the engine refuses on purpose, with the reason. Such a case must be refused with a message that names MONGODB_URI.

/** Patterns of case names. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/"\$(?:out|merge)":/, 'stages that write are not among those the app needs'],
  [/^patterns .*a\{,2\}/, 'whether {,n} is a quantifier depends on the version of PCRE2'],
  [/\{"\$toString":"\$(?:arr|o|ts|bin)"\}/, 'the text of these types differs between versions of MongoDB'],
  [/\{"\$convert":\{"input":"\$arr","to":"string"/, 'the text of an array differs between versions of MongoDB'],
  [/^found .*"\$split":.*"\$regularExpression"/, 'splitting by a regular expression came with MongoDB 8.3'],
  [/^found .*"\$zip":/, 'defaults that are an expression came after MongoDB 8'],
  [/^found .*"\$bucket":.*"f":\{"\$bottom"/, 'MongoDB computes outputs that sort alike together, which changes the order of the fields'],
  [
    /^found past .*"\$dateFromParts"/,
    'which of two instants a local time before 1970 is depends on whether it was summer, which is not known',
  ],
];

/** Why a case is refused; undefined for those that must answer as MongoDB. */
export function refusalReason(name: string): string | undefined {
  return REFUSED.find(([pattern]) => pattern.test(name))?.[1];
}
