import ChaosProxy
import EventLoop
import Faults
import Glibc
import TestSupport

@testable import flagserver

/// The time of a town, and the ways through it: when everything happens, and who is called for it.
/// No two callbacks happen at one instant, so that what came first can be told from the times.
final class DayStreets {
    static let start: UInt64 = 1_000_000_000_000
    /// From its clock to 1970, in nanoseconds.
    static let wallOffset: UInt64 = 1_795_219_200_000_000_000

    let clock = ManualClock(start)
    private var agenda = DayAgenda()
    private var later: [() -> Void] = []
    private var ready: [DaySeat] = []
    /// Alarms that the product has set and that are not due yet.
    private(set) var alarmCount = 0
    /// Connects a proxy to a backend; nil if it refuses.
    var connect: (Backend, Proxy) -> SimulatedSocket? = { _, _ in nil }
    var dialTime: () -> UInt64 = { 0 }
    var everySecond: () -> Void = {}
    private var nextSecond = start + 1_000_000_000

    var now: UInt64 { clock.now }

    // MARK: Time

    /// - Parameter time: nanoseconds of `clock`; what has passed is at once.
    func at(_ time: UInt64, _ action: @escaping () -> Void) { agenda.add(at: time, action) }
    func after(_ time: UInt64, _ action: @escaping () -> Void) { at(now + time, action) }

    func run(until end: UInt64) {
        while true {
            let next = agenda.next ?? .max
            guard min(next, nextSecond) <= end else { break }
            clock.now = max(clock.now + 1, min(next, nextSecond))
            if next < nextSecond {
                agenda.take()()
            } else {
                nextSecond += 1_000_000_000
                doing(everySecond)
            }
            settle()
        }
        clock.now = max(clock.now, end)
    }

    /// Calls the product, as one callback of its loop.
    func doing(_ body: () -> Void) {
        clock.now += 1
        body()
        while !later.isEmpty { later.removeFirst()() }
    }

    /// Lets everything be read that may be.
    private func settle() {
        while let seat = ready.first {
            ready.removeFirst()
            seat.isReady = false
            var isBusy = true
            while isBusy, seat.socket.isOpen, seat.socket.hasIncoming {
                doing { isBusy = seat.socket.deliver() }
            }
        }
    }

    // MARK: Sockets

    /// A socket of the town, with what it asks for.
    private final class DaySeat {
        let socket: SimulatedSocket
        var isReady = false
        /// For when something is put down for it.
        var due = UInt64.max

        init(_ socket: SimulatedSocket) { self.socket = socket }
    }

    func socket() -> SimulatedSocket {
        let socket = SimulatedSocket(clock)
        let seat = DaySeat(socket)
        socket.afterCallback = { [unowned self] in later.append($0) }
        socket.onReady = { [unowned self, unowned seat] in
            guard !seat.isReady else { return }
            seat.isReady = true
            ready.append(seat)
        }
        // It keeps the seat.
        socket.onAlarm = { [unowned self] in wake(seat, at: $0) }
        return socket
    }

    /// Nothing is asked of a socket that is gone.
    func forget(_ socket: SimulatedSocket) {
        (socket.onAlarm, socket.onReady) = ({ _ in }, {})
    }

    private func wake(_ seat: DaySeat, at time: UInt64) {
        guard time < seat.due else { return }
        seat.due = time
        at(time) { [unowned self, weak seat] in
            guard let seat, seat.due == time else { return }
            seat.due = .max
            let socket = seat.socket
            if let deadline = socket.deadline, deadline <= now { doing { socket.wakes() } }
            if let timer = socket.timer, timer <= now { doing { socket.timerFires() } }
            if let next = [socket.deadline, socket.timer].compactMap(\.self).min() {
                wake(seat, at: next)
            }
        }
    }

    // MARK: What the product has around it

    /// - Parameter loop: is never run.
    func surroundings(_ loop: EventLoop) -> Surroundings {
        let clock = clock
        return Surroundings(
            loop: loop, now: { clock.instant },
            wallClock: {
                let time = clock.now + Self.wallOffset
                return timespec(
                    tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
            },
            makeAlarm: { [unowned self] in alarm($0) },
            dial: { [unowned self] in dial($0, $1, $2) }, hearsSignals: false)
    }

    private func alarm(_ action: @escaping () -> Void) -> ProxyEnvironment.Alarm {
        var current: UInt64 = 0
        var isSet = false
        return { [unowned self] instant in
            current += 1
            if isSet { alarmCount -= 1 }
            isSet = instant != nil
            guard let instant else { return }
            alarmCount += 1
            let number = current
            at(instant.nanoseconds) { [unowned self] in
                guard number == current else { return }
                isSet = false
                alarmCount -= 1
                doing(action)
            }
        }
    }

    private final class Attempt {}

    private func dial(
        _ backend: Backend, _ proxy: Proxy,
        _ completion: @escaping (Result<AnyObject, DialError>) -> Void
    ) -> AnyObject {
        let attempt = Attempt()
        after(dialTime()) { [unowned self, weak attempt, unowned proxy] in
            guard attempt != nil else { return }
            doing {
                guard let socket = connect(backend, proxy) else {
                    let error = DialError("connect \(backend): Connection refused")
                    return completion(.failure(error))
                }
                completion(.success(socket))
            }
        }
        return attempt
    }
}
