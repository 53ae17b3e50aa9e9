/** The part of subset-font, which has no types of its own, that the build uses. */

declare module "subset-font" {
  interface Options {
    readonly targetFormat: "woff2";
    /** The part of each axis of a variable font that is kept. */
    readonly variationAxes: Readonly<
      Record<string, { readonly min: number; readonly max: number }>
    >;
    /** Tags of the OpenType features that are kept; all of them without a list. */
    readonly keepFeatures: readonly string[];
  }

  /** The font with the characters of a text. */
  export default function subsetFont(
    font: Uint8Array,
    text: string,
    options: Options,
  ): Promise<Uint8Array>;
}
