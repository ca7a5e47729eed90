import Faults

/// One line for each exchange, for people: a clock, the server, the status, how long it took, what
/// was asked, and in words what became of it. What does not fit stands below.
struct PeopleLine: Sendable {
    /// From here on there is room for the bytes, too.
    private static let wide = 100
    /// Columns of a flag's request, behind which words are aligned.
    private static let requestColumns = (narrow: 20, wide: 28)
    /// Longer names are cut.
    private static let maximumName = 16
    private static let maximumOwner = 20

    let hasColor: Bool
    private var time = RecordTime()
    /// Of the longest name so far, so that columns are aligned.
    private var nameColumns = 5

    init(hasColor: Bool) { self.hasColor = hasColor }

    /// - Parameter width: of the terminal, in columns; nil: any.
    mutating func append(_ record: ExchangeRecord, width: Int?, to line: inout [UInt8]) {
        let name = record.proxy.uppercased().printable.cut(to: Self.maximumName)
        nameColumns = max(nameColumns, name.columns)
        time.append(clock: record.time, to: &line)
        line.append(contentsOf: " \(name.padded(to: nameColumns))  ".utf8)
        appendStatus(record, to: &line)
        let isWide = width.map { $0 >= Self.wide } ?? true
        let amounts = Self.amounts(record, isWide)
        line.append(contentsOf: "\(amounts)  ".utf8)
        let used = 12 + 1 + nameColumns + 2 + 3 + amounts.count + 2
        let least = isWide ? Self.requestColumns.wide : Self.requestColumns.narrow
        let lines = Self.lines(
            Self.request(record), Self.words(record).joined(separator: ", "),
            width.map { max($0 - used, 8) }, least)
        for (index, text) in lines.enumerated() {
            if index > 0 { line.append(contentsOf: String(repeating: " ", count: used).utf8) }
            line.append(contentsOf: "\(text)\n".utf8)
        }
    }

    /// - Parameters:
    ///   - columns: that there are; nil: any number.
    ///   - least: columns that the request has, if the words then still fit.
    private static func lines(
        _ request: String, _ words: String, _ columns: Int?, _ least: Int
    ) -> [String] {
        guard !words.isEmpty else { return [columns.map(request.cut) ?? request] }
        for request in [request.padded(to: least), request] {
            let line = "\(request)  \(words)"
            if line.columns <= columns ?? .max { return [line] }
        }
        return [columns.map(request.cut) ?? request] + words.wrapped(to: columns)
    }

    private func appendStatus(_ record: ExchangeRecord, to line: inout [UInt8]) {
        guard let status = record.status else { return line.append("---") }
        let code = status.code
        // Those of the domain system have one digit.
        line.append(code < 10 ? "  " : code < 100 ? " " : "")
        if hasColor { line.append(Self.color(of: status)) }
        line.append(decimal: UInt64(code))
        if hasColor { line.append("\u{1b}[0m") }
    }

    private static func color(of status: RecordStatus) -> StaticString {
        guard status.isError else { return status.code < 300 ? "\u{1b}[32m" : "\u{1b}[36m" }
        let isMild = 400..<500 ~= status.code || RecordStatus.notFound.contains(status)
        return isMild ? "\u{1b}[33m" : "\u{1b}[31m"
    }

    private static func amounts(_ record: ExchangeRecord, _ isWide: Bool) -> String {
        let time = duration(record.duration).indented(to: 10)
        return isWide ? time + "\(max(record.bytesSent, 0)) B".indented(to: 12) : time
    }

    /// `1.2 ms`, `500.4 ms`, `12.345 s`: never rounded up, and never wider than 8 columns but for
    /// what takes days.
    static func duration(_ time: Nanoseconds) -> String {
        if time < 1_000_000_000 { return "\(LogLine.milliseconds(time)) ms" }
        let decimals = time < 100_000_000_000 ? 3 : 1
        return "\(seconds(time, decimals: decimals)) s"
    }

    private static func seconds(_ time: Nanoseconds, decimals: Int) -> String {
        var text: [UInt8] = []
        text.append(decimal: time / 1_000_000_000)
        text.append(".")
        let unit: UInt64 = decimals == 3 ? 1_000_000 : 100_000_000
        text.append(digits: decimals, of: time % 1_000_000_000 / unit)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: In words

    /// Behind what its test calls it, or its world.
    static func request(_ record: ExchangeRecord) -> String {
        guard let owner = record.origin.flatMap({ $0.label ?? $0.world }) else {
            return plainRequest(record)
        }
        return "[\(owner.printable.cut(to: maximumOwner))] \(plainRequest(record))"
    }

    private static func plainRequest(_ record: ExchangeRecord) -> String {
        guard !record.target.isEmpty else {
            return record.status == nil ? "(connection)" : "(no request)"
        }
        // Some protocols' commands say their name in the target again.
        let isNamed = record.target.hasPrefix(record.method)
        return (isNamed ? record.target : "\(record.method) \(record.target)").printable
    }

    /// What became of it, the most important first.
    static func words(_ record: ExchangeRecord) -> [String] {
        var words = faults(record)
        if let refusal = record.refusal { words.append("refused: over --\(refusal.rawValue)") }
        // That one who gave up has got nothing goes without saying.
        if let promised = record.bytesPromised, promised != record.bytesSent,
            record.bytesSent > 0 || !record.hasGivenUp
        {
            words.append("\(record.bytesSent) of \(promised) B")
        }
        if record.isMangled { words.append("bytes changed") }
        if let ending = ending(record) { words.append(ending) }
        if record.queued > 0 { words.append("queued for \(readable(record.queued))") }
        if let attempt = record.attempt, attempt > 1 { words.append("attempt \(attempt)") }
        if let via = record.via { words.append("via \(via)".printable) }
        return words
    }

    private static func faults(_ record: ExchangeRecord) -> [String] {
        let faults = record.faults.filter { fault in
            // How long it would have taken is told with the client that gave up.
            if case .latency = fault.effect { !record.hasGivenUp } else { true }
        }
        return faults.map { $0.words.printable + ($0.hasActed ? "" : " (had no effect)") }
    }

    private static func ending(_ record: ExchangeRecord) -> String? {
        // How it went is of no interest then.
        if record.hasGivenUp { return gaveUp(record) }
        switch record.ending {
        case .keep, .fin: return nil
        case .rst: return "connection reset"
        case .clientFin: return "client left"
        case .clientRST: return "client reset the connection"
        case .timeout: return "client took nothing any more"
        case .backendRefused: return "no connection to the backend"
        case .backendFin: return "backend closed the connection"
        case .backendRST: return "backend reset the connection"
        case .backendMalformed: return "backend sent no proper reply"
        case .upgraded: return "a tunnel from here on"
        case .error: return "a system call failed"
        }
    }

    /// `client gave up after 3.1 of 3.9 s`
    private static func gaveUp(_ record: ExchangeRecord) -> String {
        let (spent, planned) = (record.duration, record.plannedDelay &+ record.queued)
        guard planned > spent else { return "client gave up after \(readable(spent))" }
        let unit = spent < 1_000_000_000 && planned < 1_000_000_000 ? "ms" : "s"
        let texts = [spent, planned].map { time in
            unit == "s" ? seconds(time, decimals: 1) : "\(time / 1_000_000)"
        }
        return "client gave up after \(texts[0]) of \(texts[1]) \(unit)"
    }

    private static func readable(_ time: Nanoseconds) -> String {
        time < 1_000_000_000 ? "\(time / 1_000_000) ms" : "\(seconds(time, decimals: 1)) s"
    }
}
