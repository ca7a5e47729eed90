public import EventLoop
public import Faults
import HTTPWire

/// What happened in one exchange. The access log, the journal, the meters and the metrics are all
/// made from it.
public struct ExchangeRecord: Sendable {
    /// How the connection stood after the exchange.
    public enum Ending: String, Sendable, CaseIterable {
        case keep, fin, rst
        case clientFin = "client-fin"
        case clientRST = "client-rst"
        case timeout
        case backendRefused = "backend-refused"
        case backendFin = "backend-fin"
        case backendRST = "backend-rst"
        /// What the backend sent is no reply of its protocol.
        case backendMalformed = "backend-malformed"
        /// The connection has become a plain tunnel (Upgrade, CONNECT).
        case upgraded
        /// A system call of ours failed; the log says which.
        case error
    }

    /// Why a request was not served although nothing is wrong with it.
    public enum Refusal: String, Sendable, CaseIterable {
        case maxConcurrency = "max-concurrency"
        case maxConcurrencyPerClient = "max-concurrency-per-client"
        case rate
        case maxConnections = "max-connections"
    }

    /// Longest method or target in bytes: every request line of HTTP fits, and of a longer command
    /// of another protocol the beginning is kept, with an ellipsis.
    public static let maximumText = HTTPParser.maximumRequestLine

    /// Among all records of the process, from 1, in the order of their ends.
    public var sequence: UInt64 = 0
    /// When it was over, by the wall clock: nanoseconds since 1970.
    public var time: Int64 = 0
    public let proxy: String
    /// Number of the connection at this proxy, and of the exchange on it, from 1.
    public var connection: UInt32 = 0
    public var exchange: UInt32 = 0
    public var client: SocketAddress?
    /// Method and request target as sent; empty if the request could not be understood, and where
    /// the connection is the exchange.
    public var method = ""
    public var target = ""
    /// Whether the request could not be understood, or took too long to come.
    public var isMalformed = false
    /// Whether it is a whole connection.
    public var isConnection = false
    /// nil where the protocol has none, or if nothing of an answer has left.
    public var status: RecordStatus?
    /// Body bytes that the answer's head announced; nil if it announced none, and where there are
    /// no heads.
    public var bytesPromised: Int?
    /// What the kernel has taken, less what it still held when the connection ended: body bytes
    /// of the response on `http`, on the other protocols all bytes to the client.
    public var bytesSent = 0
    /// Whether bytes of the honest answer were changed, inserted, or lost before others that left.
    public var isMangled = false
    /// From the complete request to the end of the response, in nanoseconds.
    public var duration: Nanoseconds = 0
    /// Exchanges under way at this proxy when this one began, itself included.
    public var inFlight = 0
    /// Whether the proxy through which it came has records of requests: then it is in no total.
    public var isCountedElsewhere = false
    /// Whether its client left while a fault, or the queue, held something of it back.
    public var hasGivenUp = false
    public var ending = Ending.keep
    /// Its world and its label; nil if it has neither.
    public var origin: RecordOrigin?
    /// nil for most: each reference costs whenever a record is copied, and LOCAL keeps one of each
    /// request.
    @usableFromInline var rare: Rare?

    /// Inlinable: each request of LOCAL makes one, and from a call it would be copied.
    @inlinable public init(proxy: String) {
        self.proxy = proxy
    }

    /// Bytes of a request as text.
    public static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > maximumText else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes[..<maximumText], as: UTF8.self) + "…"
    }

    /// The sum of the delays that were drawn, in nanoseconds.
    public var plannedDelay: Nanoseconds {
        faults.reduce(0) { sum, fault in
            if case .latency(let delay) = fault.effect { sum &+ delay } else { sum }
        }
    }

    /// Whether it was answered as it was meant to be, and the client has got all of it: late,
    /// perhaps, but not hurt.
    public var isOK: Bool {
        guard refusal == nil, !isMalformed, !hasGivenUp, !hasStrangeEnding else { return false }
        return !(status?.isError ?? false) && (!hasFaults || !isInjected)
    }

    /// Whether it was answered that there is no such thing: 404, or NXDOMAIN.
    public var isNotFound: Bool { status.map(RecordStatus.notFound.contains) ?? false }

    /// Whether a fault has given the answer.
    public var isInjected: Bool {
        faults.contains { fault in
            if case .respond = fault.effect { return fault.hasActed }
            return fault.hasScripted || fault.hasAnswered
        }
    }

    /// Whether no fault, refusal or wrong request explains how it ended or what was answered.
    public var isUnplanned: Bool {
        guard refusal == nil, !isMalformed, !hasGivenUp else { return false }
        return hasStrangeStatus && !isStatusExplained || hasStrangeEnding && !isEndingExplained
    }

    private var hasStrangeStatus: Bool {
        // A method or a version that is not known is the request's fault.
        status.map { $0.code >= 500 && $0.code != 501 && $0.code != 505 } ?? false
    }

    private var isStatusExplained: Bool {
        faults.contains { fault in
            guard fault.hasActed, case .respond(let status, _) = fault.effect else {
                return fault.hasScripted && fault.saysStatus
            }
            return RecordStatus(status) == self.status
        }
    }

    private var hasStrangeEnding: Bool {
        switch ending {
        case .keep, .fin:
            if isConnection { return false }
            if let bytesPromised, bytesSent < bytesPromised { return true }
            // An answer without a status is one where the protocol has none.
            let hasAnswer = status != nil || bytesSent > 0
            return isMangled || !hasAnswer && ending == .fin && !method.isEmpty
        case .upgraded: return false
        case .clientFin, .clientRST, .backendFin: return !isConnection
        case .rst, .timeout, .backendRefused, .backendRST, .backendMalformed, .error: return true
        }
    }

    private var isEndingExplained: Bool {
        switch ending {
        case .timeout, .backendRefused, .error: return false
        case .keep, .fin, .rst, .clientFin, .clientRST, .backendFin, .backendRST,
            .backendMalformed, .upgraded:
            return faults.contains { $0.hasActed && $0.toxic.fault.explains == .ending }
        }
    }
}
