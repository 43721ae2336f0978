// Decoded code whose bytes are not in memory for now: a debugger has put other contents into the physical page, and may put these back. Each page's code waits
// beside the bytes that it was made from. Not here: what is done to code that leaves and returns (code_cache.ts, translator/).
import type { CodePage } from './code_cache';
import { isSame } from './page_words';

/** So many contents of one physical page wait, the latest. */
const CONTENTS = 8;

export interface Shelved { readonly page: CodePage; readonly content: Int32Array }

export class CodeShelf {
  private readonly pages = new Map<number, Shelved[]>();

  /** Everything that waits. */
  get all(): Shelved[] { return [...this.pages.values()].flat(); }

  /** What has no place any more. */
  put(page: CodePage, content: Int32Array): CodePage[] {
    const list = this.pages.get(page.page) ?? [];
    this.pages.set(page.page, list);
    const before = list.filter(one => isOf(one.page, page.linearLow, page.linearHigh));
    const gone = before.slice(0, Math.max(0, before.length + 1 - CONTENTS));
    for (const one of gone) list.splice(list.indexOf(one), 1);
    list.push({ page, content });
    return gone.map(one => one.page);
  }

  /** The code of a physical page at a linear one, which has these bytes now; it waits no more. */
  take(page: number, linearLow: number, linearHigh: number, content: Int32Array): CodePage | undefined {
    const list = this.pages.get(page) ?? [];
    const at = list.findIndex(one => isOf(one.page, linearLow, linearHigh) && isSame(one.content, content));
    return at < 0 ? undefined : list.splice(at, 1)[0]?.page;
  }

  /** Takes away what `isGone` says. */
  forget(isGone: (page: CodePage) => boolean): CodePage[] {
    const gone: CodePage[] = [];
    for (const [page, list] of this.pages) {
      const stays = list.filter(one => !isGone(one.page) || gone.push(one.page) < 0);
      if (stays.length < list.length) this.pages.set(page, stays);
    }
    return gone;
  }
}

const isOf = (page: CodePage, linearLow: number, linearHigh: number): boolean => page.linearLow === linearLow && page.linearHigh === linearHigh;
