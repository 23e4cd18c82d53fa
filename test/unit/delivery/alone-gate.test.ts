/** Turns side by side, and suspects by themselves. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAloneGate } from '../../../src/delivery/alone-gate.js';

describe('the gate', () => {
  it('lets nobody run beside one that wants to be alone, all others together, and everybody in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.boolean()), { maxLength: 40 }), async (visits) => {
        const gate = createAloneGate();
        const inside = new Set<number>();
        let done = 0;
        const visit = async ([alone, ticks, fails]: readonly [boolean, number, boolean], index: number) => {
          const work = async () => {
            inside.add(index);
            for (let tick = 0; tick <= ticks; tick++) {
              if (alone) expect([...inside]).toEqual([index]);
              await Promise.resolve();
            }
            inside.delete(index);
            done += 1;
            if (fails) throw new Error('it failed');
          };
          await (alone ? gate.alone(work) : gate.together(work)).catch((thrown: unknown) => {
            if (!fails) throw thrown;
          });
        };
        await Promise.all(visits.map(visit));
        expect(done).toBe(visits.length);
      }),
    );
  });

  it('runs those who do not ask to be alone side by side', async () => {
    const gate = createAloneGate();
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => gate.together(work)));
    expect(most).toBe(3);
  });
});
