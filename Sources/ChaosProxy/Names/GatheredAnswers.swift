import EventLoop
import Faults
import Names
import Records

/// Answers over UDP without faults and limits, where nothing is in between. Those to what came at
/// once leave together, and have their records when it is known which of them the kernel took. Loop
/// thread only.
final class GatheredAnswers {
    /// One that has not gone yet.
    private struct Answer {
        let query: NameQuery
        let status: RecordStatus?
        let count: Int
        let peer: SocketAddress
        /// Of its connection, in the order in which questions come.
        let number: UInt32
        let start: Instant
        let inFlight: Int
    }

    private let zone: Zone
    private unowned let listener: DatagramListener
    private unowned let proxy: Proxy
    private var output: [UInt8] = []
    private var answers: [Answer] = []
    /// How many of them have gone.
    private var goneCount = 0
    /// When those that are being told of went: in one call, whatever is made of it afterwards.
    private var end = Instant(nanoseconds: 0)

    init(_ zone: Zone, _ listener: DatagramListener, proxy: Proxy) {
        (self.zone, self.listener, self.proxy) = (zone, listener, proxy)
    }

    func answer(_ query: NameQuery, to peer: SocketAddress) {
        let start = proxy.environment.now()
        var reply = NameReply(to: query, from: zone, over: .datagram)
        output.removeAll(keepingCapacity: true)
        reply.append(to: &output)
        answers.append(
            Answer(
                query: query, status: reply.status, count: output.count, peer: peer,
                number: proxy.environment.isRecorded ? proxy.nextConnectionNumber() : 0,
                start: start, inFlight: proxy.passed(from: peer)))
        listener.gather(output, to: peer)
    }

    /// The next one has gone.
    func gone(isSent: Bool) {
        if goneCount == 0 { end = proxy.environment.now() }
        let answer = answers[goneCount]
        goneCount += 1
        if goneCount == answers.count {
            answers.removeAll(keepingCapacity: true)
            goneCount = 0
        }
        if isSent { proxy.countAnswered(answer.count) }
        guard proxy.environment.isRecorded else { return }
        proxy.environment.record(record(of: answer, isSent: isSent), of: proxy, at: end)
    }

    private func record(of answer: Answer, isSent: Bool) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: proxy.name)
        (record.connection, record.client) = (answer.number, answer.peer)
        (record.exchange, record.origin) = (1, proxy.environment.origin)
        record.method = answer.query.question.type.description
        record.target = answer.query.question.name.description
        if isSent {
            (record.status, record.bytesSent) = (answer.status, answer.count)
        } else {
            record.ending = .error
        }
        (record.duration, record.inFlight) = (end - answer.start, answer.inFlight)
        return record
    }
}
