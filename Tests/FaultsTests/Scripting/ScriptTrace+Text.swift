import Foundation

extension ScriptTrace {
    /// As a golden file has it: a line for each instant, bytes by their lines.
    var text: String {
        var lines: [String] = beginning == .complete ? [] : ["  begins at \(beginning)"]
        var (previous, repeated): ([String], Int) = ([], 0)
        for step in steps {
            let new = Self.lines(step)
            if Self.shape(new) == Self.shape(previous), !new.isEmpty {
                repeated += 1
                previous = new
                continue
            }
            if repeated > 0 { lines += ["  … \(repeated) more of these, until:"] + previous }
            (previous, repeated) = (new, 0)
            lines += new
        }
        if repeated > 0 { lines += ["  … \(repeated) more of these, until:"] + previous }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A step without its time; one line of bytes is like another.
    private static func shape(_ lines: [String]) -> [Substring] {
        let texts = lines.map { $0.drop { $0 != "m" } }
        return texts.count == 1 && texts[0].contains("|") ? ["one line"] : texts
    }

    private static func lines(_ step: Step) -> [String] {
        let time = Double(step.at) / 1e6
        let start = "  \(time == time.rounded() ? "\(Int(time))" : "\(time)") ms"
        switch step.event {
        case .asks(let asks): return ["\(start)  asks: \(asks.joined(separator: ", "))"]
        case .head(let status, let statusLine, let promised):
            let status = status.map(String.init) ?? "no status"
            let promise = promised.map { "promises \($0)" } ?? "promises nothing"
            return ["\(start)  head of \(status), first line \(statusLine) bytes, \(promise)"]
        case .bytes(let bytes): return shown(bytes).map { "\(start)  | \($0)" }
        case .half: return ["\(start)  half"]
        case .end: return ["\(start)  end"]
        case .fin: return ["\(start)  FIN"]
        case .rst: return ["\(start)  RST"]
        case .request: return ["\(start)  request"]
        case .waits: return ["\(start)  waits"]
        }
    }

    /// Bytes by their lines; what is long is told by its length and a checksum.
    private static func shown(_ bytes: [UInt8]) -> [String] {
        var lines: [[UInt8]] = [[]]
        for byte in bytes {
            lines[lines.count - 1].append(byte)
            if byte == 0x0a { lines.append([]) }
        }
        if lines.last == [] { lines.removeLast() }
        guard lines.count > 24 else { return lines.map(escaped) }
        let middle = lines[12..<(lines.count - 12)].joined()
        return lines[..<12].map(escaped) + ["… \(middle.count) bytes of \(sum(Array(middle)))"]
            + lines[(lines.count - 12)...].map(escaped)
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        guard bytes.count <= 240 else {
            return escaped(Array(bytes[..<100])) + " … \(bytes.count - 200) bytes of "
                + "\(sum(Array(bytes[100..<(bytes.count - 100)]))) … "
                + escaped(Array(bytes[(bytes.count - 100)...]))
        }
        return bytes.map { byte in
            switch byte {
            case 0x0d: "\\r"
            case 0x0a: "\\n"
            case 0x09: "\\t"
            case 0x5c: "\\\\"
            case 0x20...0x7e: String(UnicodeScalar(byte))
            default: String(format: "\\x%02x", Int(byte))
            }
        }.joined()
    }

    /// FNV-1a: enough to see a change.
    private static func sum(_ bytes: [UInt8]) -> String {
        let sum = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { sum, byte in
            (sum ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return "sum " + String(sum, radix: 16)
    }
}
