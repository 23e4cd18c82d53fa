/** Threads that a platform has given another key (a Telegram group that became a supergroup): their conversations go on under the key that they began with. */

export interface MovedThreads {
  /** From now on `to` is another name of `from`. Once it resolves, every instance knows. */
  move(moved: { readonly channel: string; readonly account: string; readonly from: string; readonly to: string }): Promise<void>;
  /** The key that the thread's conversation began with; null: it was never moved. */
  originOf(thread: { readonly channel: string; readonly account: string; readonly threadKey: string }): Promise<string | null>;
}
