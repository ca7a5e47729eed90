import HTTPWire

extension ScriptHeadChanges {
    /// All of the head, also if only a part of it is sent.
    func bytes(of honest: [UInt8], _ values: ScriptValues) -> [UInt8] {
        var lines = HeadLines.split(honest).map { Array($0) }
        if lines.isEmpty { lines = [[]] }
        switch statusLine {
        case .honest: break
        case .code(let code): lines[0] = Self.statusLine(values.value(code))
        case .text(let text): lines[0] = values.bytes(text)
        }
        // Behind the status line, in the order in which they are written.
        var firsts = 1
        for change in changes {
            switch change {
            case .set(let text): Self.set(values.bytes(text), in: &lines)
            case .add(let text): lines.append(values.bytes(text))
            case .drop(let name): Self.drop(name, from: &lines)
            case .first(let text):
                lines.insert(values.bytes(text), at: min(firsts, lines.count))
                firsts += 1
            }
        }
        let end = ends.map(values.bytes) ?? [0x0d, 0x0a]
        return Array(lines.map { $0 + end }.joined()) + (isOpen ? [] : end)
    }

    private static func statusLine(_ code: Int) -> [UInt8] {
        let reason = HTTPStatus(code)?.reason ?? ""
        return Array("HTTP/1.1 \(code) \(reason)".utf8)
    }

    private static func drop(_ name: String, from lines: inout [[UInt8]]) {
        let name = name.lowercased()
        lines = [lines[0]] + lines.dropFirst().filter { HeadLines.name(of: $0[...]) != name }
    }

    private static func set(_ line: [UInt8], in lines: inout [[UInt8]]) {
        let name = HeadLines.name(of: line[...]) ?? ""
        let place = lines.dropFirst().firstIndex { HeadLines.name(of: $0[...]) == name }
        drop(name, from: &lines)
        lines.insert(line, at: place ?? lines.count)
    }
}
