import Glibc

/// Texts and records in their order. Its arrays are used again and again; what only a burst has
/// needed is given back.
struct LogBatch {
    /// Records, and bytes of texts, for which there is always room again.
    private static let reserve = (records: 256, text: 64 << 10)
    /// Bytes that are gathered into one write, more or less.
    private static let chunk = 64 << 10
    /// Most bytes of one write: a slow disk is then never asked for more than a moment.
    private static let maximumWrite = 256 << 10

    struct Failure {
        let error: Int32
        /// Lines of records that were not written.
        let lines: Int
    }

    private(set) var records: [ExchangeRecord] = []
    /// Of the records' targets, which may be long.
    private(set) var targetBytes = 0
    private(set) var text: [UInt8] = []
    /// The text up to `text` comes after the first `records`.
    private var marks: [(records: Int, text: Int)] = []

    var isEmpty: Bool { records.isEmpty && text.isEmpty }

    mutating func append(_ record: ExchangeRecord) {
        records.append(record)
        targetBytes += record.target.utf8.count
    }

    mutating func append(_ added: String) {
        text.append(contentsOf: added.utf8)
        if let last = marks.last, last.records == records.count {
            marks[marks.count - 1].text = text.count
        } else {
            marks.append((records.count, text.count))
        }
    }

    mutating func removeAll() {
        records.removeAll(reserve: Self.reserve.records)
        targetBytes = 0
        text.removeAll(reserve: Self.reserve.text)
        marks.removeAll(reserve: Self.reserve.records)
    }

    /// Writes everything.
    ///
    /// - Parameters:
    ///   - format: nil if there are no records to be written.
    ///   - output: empty, or what it was before.
    ///   - isPatient: whether a reader that takes nothing for a second is waited for all the same.
    func write(
        to descriptor: Int32, _ format: inout (any RecordFormat)?, _ output: inout [UInt8],
        isPatient: Bool = true
    ) -> Failure? {
        output.removeAll(keepingCapacity: output.capacity <= 4 * Self.chunk)
        var (record, character) = (0, 0)
        for mark in marks + [(records.count, text.count)] {
            while record < mark.records {
                format?.append(records[record], to: &output)
                record += 1
                guard output.count >= Self.chunk else { continue }
                if let error = Self.write(&output, to: descriptor, isPatient) {
                    return failure(error, output, after: record)
                }
            }
            if mark.text > character { format?.interrupt(&output) }
            output += text[character..<mark.text]
            character = mark.text
        }
        format?.settle(&output)
        return Self.write(&output, to: descriptor, isPatient).map {
            failure($0, output, after: record)
        }
    }

    /// - Parameter output: what could not be written.
    private func failure(_ error: Int32, _ output: [UInt8], after record: Int) -> Failure {
        let lines = output.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        return Failure(error: error, lines: lines + records.count - record)
    }

    /// Writes and empties `output`, which begins where a line begins.
    ///
    /// - Returns: nil, or the error number; `output` is then what was not written, from the
    ///   beginning of its first line.
    private static func write(
        _ output: inout [UInt8], to descriptor: Int32, _ isPatient: Bool
    ) -> Int32? {
        var position = 0
        while position < output.count {
            let count = output[position...].prefix(maximumWrite).withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                position += count
            } else if count < 0, errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                // Without a wait it would be asked again and again.
                let ready = poll(&wait, 1, 1000)
                if ready == 0, !isPatient {
                    return giveUp(EAGAIN, &output, at: position, descriptor)
                }
                guard ready < 0, errno != EINTR else { continue }
                return giveUp(errno, &output, at: position, descriptor)
            } else if count == 0 || errno != EINTR {
                return giveUp(count == 0 ? EIO : errno, &output, at: position, descriptor)
            }
        }
        output.removeAll(keepingCapacity: true)
        return nil
    }

    private static func giveUp(
        _ error: Int32, _ output: inout [UInt8], at position: Int, _ descriptor: Int32
    ) -> Int32 {
        let whole = output[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
        cutBack(descriptor, by: position - (whole ?? 0))
        output.removeFirst(whole ?? 0)
        return error
    }

    /// A file must not end in half a line. Not if somebody else has written behind it.
    private static func cutBack(_ descriptor: Int32, by count: Int) {
        var status = stat()
        guard count > 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size == lseek(descriptor, 0, SEEK_CUR)
        else { return }
        ftruncate(descriptor, status.st_size - count)
    }
}

extension Array {
    /// Gives back room beyond `reserve` of which little was used this time.
    fileprivate mutating func removeAll(reserve: Int) {
        removeAll(keepingCapacity: capacity <= reserve || count > capacity / 4)
    }
}
