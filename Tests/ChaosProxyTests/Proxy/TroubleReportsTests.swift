import Faults
import Glibc
import Testing

@testable import ChaosProxy

struct TroubleReportsTests {
    private static func instant(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `trouble is told once a second`() {
        let reports = TroubleReports()
        let told = [0, 1, 999, 1000, 1001, 1999, 2000, 9000].filter {
            reports.mayTell(.connecting("refused"), at: Self.instant($0))
        }
        #expect(told == [0, 1000, 2000, 9000])
    }

    @Test func `another cause is told at once`() {
        let reports = TroubleReports()
        let kinds: [Trouble] = [
            .accepting(EMFILE), .socket(EMFILE), .accepting(EPERM), .accepting(EMFILE),
            .connecting("a"), .connecting("b"), .connecting("b"),
        ]
        #expect(
            kinds.map { reports.mayTell($0, at: Self.instant(1)) } == [
                true, true, true, false, true, true, false,
            ])
    }

    @Test(arguments: [
        ("connect 127.0.0.1:9: Connection refused", "Connection refused"),
        ("connect [::1]:9: Too many open files", "Too many open files"),
        ("127.0.0.1:9 leads back to this proxy", "127.0.0.1:9 leads back to this proxy"), ("", ""),
    ]) func `an error has its cause behind its last colon`(text: String, cause: String) {
        #expect(DialError(text).cause == cause)
    }

    @Test func `kinds without end take no memory without end`() {
        let reports = TroubleReports()
        let told = (0..<1000).count { reports.mayTell(.connecting("\($0)"), at: Self.instant(0)) }
        #expect(told == 100)
        #expect(reports.mayTell(.connecting("later"), at: Self.instant(1000)))
    }

    @Test func `all who share it tell once a second together`() {
        let troubles = TroubleReports()
        var (time, told) = (Self.instant(0), [String]())
        let environments = (0..<3).map { number in
            let made = ProxyEnvironment(date: 0, troubles: troubles) { time }
            made.onWarning = { told.append("\(number): \($0)") }
            return made
        }
        for environment in environments { environment.warn(of: .messages, "a") }
        time = Self.instant(1000)
        for environment in environments.reversed() { environment.warn(of: .messages, "b") }
        #expect(told == ["0: a", "2: b"])
    }
}
