import Glibc
import Testing

@testable import EventLoop

struct EventLoopTests {
    @Test func `the clock goes on and never back`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var last = loop.now
        for _ in 0..<1000 {
            let now = loop.now
            #expect(now >= last)
            last = now
        }
    }

    @Test func `timers fire in the order of their deadlines and never early`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var fired: [Int] = []
        let start = loop.now
        let delays = [3_000_000, 1_000_000, 2_000_000, 1_500_000, 0] as [UInt64]
        let timers = delays.enumerated().map { index, delay in
            Timer(on: loop) {
                #expect(loop.now >= start + delay)
                fired.append(index)
                if fired.count == delays.count { loop.stop() }
            }
        }
        for (timer, delay) in zip(timers, delays) { timer.schedule(after: delay) }
        loop.runGuarded("five timers")
        #expect(fired == [4, 1, 3, 2, 0])
    }

    @Test func `a timer fires at least as late as it says, to the nanosecond`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        for delay in [1, 999, 1000, 1001, 123_457, 1_000_001] as [UInt64] {
            let start = loop.now
            var end: UInt64 = 0
            let timer = Timer(on: loop) {
                end = loop.now
                loop.stop()
            }
            timer.schedule(after: delay)
            loop.runGuarded("one timer")
            #expect(end >= start + delay)
        }
    }

    @Test func `a stop before the first turn is heard`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        loop.afterCallback { loop.stop() }
        loop.runGuarded("the stop")
    }

    @Test func `a cancelled or freed timer does not fire`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let cancelled = Timer(on: loop) { Issue.record("cancelled") }
        var freed: Timer? = Timer(on: loop) { Issue.record("freed") }
        let last = Timer(on: loop) { loop.stop() }
        cancelled.schedule(after: 0)
        freed?.schedule(after: 0)
        last.schedule(after: 1_000_000)
        cancelled.cancel()
        freed = nil
        loop.runGuarded("the last timer")
        #expect(freed == nil)
    }

    @Test func `a timer that is armed again is moved`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var fired: [String] = []
        let moved = Timer(on: loop) {
            fired.append("moved")
            loop.stop()
        }
        let other = Timer(on: loop) { fired.append("other") }
        moved.schedule(after: 0)
        other.schedule(after: 1_000_000)
        moved.schedule(after: 2_000_000)
        loop.runGuarded("two timers")
        #expect(fired == ["other", "moved"])
    }

    @Test func `a timer may arm itself and others while it fires`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var count = 0
        var again: Timer?
        let timer = Timer(on: loop) {
            count += 1
            if count == 5 { loop.stop() } else { again?.schedule(after: 1000) }
        }
        again = timer
        timer.schedule(after: 0)
        loop.runGuarded("five times")
        again = nil
        #expect(count == 5)
    }

    @Test func `an earlier timer overtakes the one that the kernel waits for`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let late = Timer(on: loop) { Issue.record("an hour has not passed") }
        let early = Timer(on: loop) { loop.stop() }
        late.schedule(after: 3_600_000_000_000)
        early.schedule(after: 1000)
        loop.runGuarded("the early timer")
        late.cancel()
    }

    @Test func `what is due does not wait for all sockets that have something to say`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pairs = try (0..<20).map { _ in try LoopbackPair() }
        let connections = pairs.map { Connection(descriptor: $0.near, on: loop) }
        let recorder = Recorder()
        var (heard, heardBefore) = (0, -1)
        recorder.onBytes = {
            heard += 1
            let end = loop.now + 1_000_000
            while loop.now < end {}
            if heard == pairs.count { loop.stop() }
        }
        for (pair, connection) in zip(pairs, connections) {
            connection.start(recorder)
            pair.send("x")
        }
        let timer = Timer(on: loop) { heardBefore = heard }
        timer.schedule(after: 2_000_000)
        loop.runGuarded("all of them")
        #expect((1..<pairs.count).contains(heardBefore))
        for pair in pairs { pair.closeFar() }
    }

    @Test func `a signal is heard on the loop`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var heard: [Int32] = []
        let signals = try Signals(SIGUSR1, on: loop) { number in
            heard.append(number)
            loop.stop()
        }
        kill(getpid(), SIGUSR1)
        withExtendedLifetime(signals) { loop.runGuarded("the signal") }
        #expect(heard == [SIGUSR1])
    }

    @Test func `what is left for after the callback is done in order`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        var done: [Int] = []
        loop.afterCallback {
            done.append(1)
            loop.afterCallback { done.append(3) }
        }
        loop.afterCallback { done.append(2) }
        loop.runOnce()
        #expect(done == [1, 2, 3])
    }

    // MARK: Listener

    @Test func `a listener has its real port and hands over connections`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let limit = ConnectionLimit(10)
        let listener = try Listener(any, limits: [limit], on: loop)
        #expect(listener.address.port != 0)
        var accepted: [Int32] = []
        listener.onAccept = { descriptor, _ in
            accepted.append(descriptor)
            loop.stop()
        }
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        loop.runGuarded("the connection")
        #expect(accepted.count == 1 && limit.count == 1)
        for descriptor in accepted {
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            close(descriptor)
        }
        close(client)
    }

    @Test func `a port that is taken is an error with its address`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(any, limits: [], on: loop)
        do {
            _ = try Listener(listener.address, limits: [], on: loop)
            Issue.record("bound twice")
        } catch {
            #expect(error.errno == EADDRINUSE)
            #expect("\(error)" == "bind \(listener.address): Address already in use")
        }
        listener.close()
        let again = try Listener(listener.address, limits: [], on: loop)
        #expect(again.address == listener.address)
    }

    @Test func `at the limit clients wait until a place is free`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let limit = ConnectionLimit(1)
        let listener = try Listener(any, limits: [limit, ConnectionLimit(5)], on: loop)
        var accepted: [Int32] = []
        listener.onAccept = { descriptor, _ in accepted.append(descriptor) }
        let clients = (0..<2).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        for client in clients {
            #expect(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        }
        let timer = Timer(on: loop) { loop.stop() }
        timer.schedule(after: 5_000_000)
        loop.runGuarded("the first client")
        #expect(accepted.count == 1 && limit.count == 1)
        listener.onAccept = { descriptor, _ in
            accepted.append(descriptor)
            loop.stop()
        }
        limit.leave()
        loop.runGuarded("the second client")
        #expect(accepted.count == 2 && limit.count == 1)
        for descriptor in accepted + clients { close(descriptor) }
        limit.leave()  // a listener that waits is held by its limit
    }
}
