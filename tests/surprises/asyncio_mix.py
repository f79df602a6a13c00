# asyncio: cancellation, gather, wait_for, shields, TaskGroup, exceptions of tasks, locks, contextvars; order of events only
# args: run
# profile-args: train
import asyncio, contextvars, os, sys, traceback
RUN = sys.argv[1:] == ['run']
ev = []
cv = contextvars.ContextVar('cv', default=0)


def tb(e):
    return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__) if f.filename == __file__]


async def tick(n, name, stubborn=False):
    t = 0
    try:
        for i in range(n):
            cv.set(cv.get() + 1)
            t += i * cv.get()
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError as e:
                ev.append((name, 'cancel', i, e.args))
                if stubborn:
                    asyncio.current_task().uncancel()
                    continue
                raise
        return t
    finally:
        ev.append((name, 'fin', i, cv.get()))


async def failing(k, exc):
    for i in range(k):
        await asyncio.sleep(0)
    raise exc


async def producer(q, n, odd):
    for i in range(n):
        await q.put(i if i != odd else 'odd')
    await q.put(None)


async def consumer(q):
    s = 0
    while (x := await q.get()) is not None:
        try:
            s += x
        except TypeError as e:
            ev.append(str(e))
        q.task_done()
    return s


async def warm(r):
    s = 0
    for k in range(r):
        s += await tick(3, 'w')
        q = asyncio.Queue(2)
        _, b = await asyncio.gather(producer(q, 6, -1), consumer(q))
        s += b
        lock = asyncio.Lock()
        async with lock:
            s += 1
    del ev[:]
    return s


async def scenario(which):
    if which == 0:
        t = asyncio.create_task(tick(10, 'a'), name='T')
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        print(t.cancel('msg'), t.cancelling())
        try:
            await t
        except asyncio.CancelledError as e:
            print('C', e.args, tb(e), t.cancelled())
    elif which == 1:
        t = asyncio.create_task(tick(5, 'stub', True))
        await asyncio.sleep(0)
        t.cancel()
        print(await t, t.cancelled(), t.cancelling())
    elif which == 2:
        r = await asyncio.gather(tick(3, 'g1'), failing(1, ValueError('f')), failing(0, KeyError('k')), return_exceptions=True)
        print([x if isinstance(x, int) else (repr(x), tb(x)) for x in r])
    elif which == 3:
        try:
            await asyncio.gather(tick(30, 'h1'), failing(1, ValueError('f')))
        except ValueError as e:
            print(repr(e), tb(e))
        for t in asyncio.all_tasks() - {asyncio.current_task()}:
            t.cancel()
    elif which == 4:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0)
        except TimeoutError as e:
            print(repr(e), repr(e.__cause__), repr(e.__context__))
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError as e:
            print(repr(e), repr(e.__cause__), tb(e))
    elif which == 5:
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(tick(9, 'tg'))
                tg.create_task(failing(2, OSError('one')))
                tg.create_task(failing(2, LookupError('two')))
                await asyncio.sleep(1)
        except* OSError as g:
            print('O', [(repr(x), tb(x)) for x in g.exceptions])
        except* LookupError as g:
            print('L', [(repr(x), tb(x)) for x in g.exceptions])
    elif which == 6:
        q = asyncio.Queue(2)
        print(await asyncio.gather(producer(q, 9, 4), consumer(q)))
        t = asyncio.create_task(failing(0, SystemError('nobody looks')))
        await asyncio.sleep(0)
        print(t.done(), t.get_coro().__name__, t.exception())
    elif which == 7:
        t = asyncio.create_task(tick(4, 'sh'))
        w = asyncio.create_task(asyncio.wait_for(asyncio.shield(t), None))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        w.cancel()
        print(await asyncio.gather(w, t, return_exceptions=True))
    elif which == 8:
        t = asyncio.create_task(tick(4, 'look'))
        await asyncio.sleep(0)
        fr = t.get_stack()[0]
        print(fr.f_code.co_name, fr.f_lineno, fr.f_locals['t'], fr.f_locals['i'])
        fr.f_locals['t'] = 0.5
        print(await t)
        t2 = asyncio.create_task(tick('3', 'bad'))
        print(repr((await asyncio.gather(t2, return_exceptions=True))[0]))


print(asyncio.run(warm(250)))
for which in range(9) if RUN else (0, 2):
    del ev[:]
    try:
        asyncio.run(scenario(which))
    except BaseException as e:
        print('run', which, repr(e), tb(e), repr(e.__context__))
    print(which, ev, cv.get())
