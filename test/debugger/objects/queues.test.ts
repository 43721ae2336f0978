// What tasks wait for and in: timers, epoll sets, unread datagrams, the queue of a futex. Each is reached by Linux's names, and stands at one address as long as the run lasts.
import assert from 'node:assert/strict';
import { evaluateKernel } from '../../../src/debugger/objects/evaluate';
import { formatKernel } from '../../../src/debugger/objects/format';
import { kernelChildren } from '../../../src/debugger/scopes/fact';
import { build, runOn, start, stopAtCall, whyNoCompiler, type Guest } from './guest';

const TIMER = '$file(3)->private_data', SET = '$file(4)->private_data', SOCKET = '$file(6)->private_data';

describe('queues of the kernel', function () {
  this.timeout(60_000);
  let guest: Guest;
  const show = (text: string): string => formatKernel(evaluateKernel(text, () => undefined, 1001));
  /** The one futex that somebody waits at. */
  const futex = (): string => kernelChildren(evaluateKernel('$futexes', undefined, 1001), '$futexes')[0]!.expression!;
  const stopped = (): Guest => {
    const made = start(build('queues'));
    assert.equal(stopAtCall(made.core, 'getppid').pid, 1001);
    return made;
  };
  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
    guest = stopped();
  });

  it('a timerfd leads to its timer, which stands among the started ones', () => {
    assert.match(show(TIMER), /^expires in 4\.99\d s, 0 expirations to read @ 0xffff8881/);
    assert.equal(show(`${TIMER}->tintv`), '2000000000');
    assert.equal(show(`${TIMER}->tmr == $timers[0]`), '1');
  });

  it('an epoll set leads to the files that it watches, and these to it', () => {
    assert.equal(show(`${SET}->items[0]->file == $file(3) && ${SET}->items[1]->file == $file(6) && ${SET}->items[1]->data == 0x1234`), '1');
    assert.equal(show(`$file(3)->f_ep[0] == ${SET}->items[0] && $file(3)->f_ep[0]->ep == ${SET}`), '1');
  });

  it('a socket leads to the datagrams that nobody has read, in their order', () => {
    assert.match(show(SOCKET), /^AF_UNIX SOCK_DGRAM, established, 7 bytes to read @/);
    assert.equal(show(`${SOCKET}->sk->sk_receive_queue.length`), '2');
    assert.equal(show(`${SOCKET}->sk->sk_receive_queue[0]->len * 10 + ${SOCKET}->sk->sk_receive_queue[1]->len`), '34');
  });

  it('a futex leads to who waits, by the address of its word', () => {
    const symbol = Number(futex().match(/:(\d+)/)![1]);
    assert.equal(guest.core.modules.describe(1001, BigInt(symbol)), 'word');
    assert.equal(show(`${futex()}->waiters[0]->task == $task(1002)`), '1');
  });

  it('stands at one address: at the next stop, in the past, and in another run', () => {
    const paths = ['current', 'current->mm', 'current->files', '$file(3)->f_inode', TIMER, `${TIMER}->tmr`, SET, `${SET}->items[1]`, `${SOCKET}->sk`, `${SOCKET}->sk->sk_receive_queue[0]`, '$task(1002)->signal', `${futex()}->waiters[0]`];
    const addresses = (): string[] => paths.map(path => show(path).match(/0xffff888[0-9a-f]{9}$/)?.[0] ?? assert.fail(`${path}: ${show(path)}`));
    const first = addresses(), { core } = guest, { timeline } = core.target, here = timeline.position;
    assert.equal(new Set(first).size, first.length);
    stopAtCall(core, 'getppid');
    assert.deepEqual(addresses(), first);
    for (const place of [timeline.start, here]) {
      core.goTo(place);
      runOn(core);
      assert.deepEqual(timeline.position, place);
    }
    assert.deepEqual(addresses(), first);
    guest = stopped();
    assert.deepEqual(addresses(), first);
  });
});
