import HTTPWire

// The bytes of each step, and what is known of them.

extension ScriptRun {
    private typealias Mark = ScriptOutput.Mark

    // MARK: Head

    mutating func sendHead(_ changes: ScriptHeadChanges, _ batch: inout ScriptBatch) {
        let head = changes.bytes(of: answering.answer.head, values)
        let (part, isPastEnd) = values.part(changes.range ?? ScriptRange(), of: head.count)
        if isPastEnd { hasPassedEnd = true }
        let bytes = head[part]
        work += head.count
        output = ScriptOutput()
        // Another head behind a complete one is nobody's answer.
        guard !answering.hasHead else { return output.append(bytes, Mark(harm: .foreign)) }
        if answering.isLineEmpty == nil { note(head, part, &batch) }
        output.append(bytes, Mark(isHead: true))
        if answering.isLineEmpty == nil { answering.isLineEmpty = false }
        _ = answering.continueHead(Array(bytes))
        if part.upperBound == head.count, !changes.isOpen {
            (answering.hasHead, answering.isLineEmpty) = (true, nil)
        }
        // The final one is still to come.
        if answering.isInterim { answering.hasHead = false }
    }

    /// Tells what a head means of which a part is sent now. If another part follows, it is all of
    /// it; how much of it leaves, the receiver sees.
    private mutating func note(_ head: [UInt8], _ part: Range<Int>, _ batch: inout ScriptBatch) {
        let isContinued =
            part.count < head.count
            && program.answering(from: index).contains { $0.verb == .head }
        let isFromStart = part.lowerBound == 0
        let sent = SentHead(isContinued || !isFromStart ? head[...] : head[part])
        let status = isFromStart ? sent.status : nil
        answering.isInterim = status.map { $0.code < 200 && $0 != 101 } ?? false
        batch.act(
            .head(
                status: status, statusLine: status == nil ? 0 : sent.statusLine,
                promised: sent.promised))
    }

    // MARK: Content

    /// A part of a body, coded or not.
    mutating func content(_ part: ScriptPart) -> ScriptOutput {
        var output = ScriptOutput()
        append(part, to: &output)
        return output
    }

    private mutating func append(_ part: ScriptPart, to output: inout ScriptOutput) {
        guard !answering.isBodiless else { return }
        let body = part.isOther ? answering.other?.body ?? [] : answering.answer.body
        let (range, isPastEnd) = values.part(part.range, of: body.count)
        if isPastEnd { hasPassedEnd = true }
        work += 16 + range.count
        let start = output.count
        if let coding = part.coding {
            appendCoded(coding, body[range], part, to: &output)
        } else {
            let place = part.isOther ? (0, .foreign) : answering.cursor.advance(over: range)
            append(.bytes(body[range]), range.count, place, to: &output)
        }
        if let flips = part.flips {
            let number = min(values.value(flips), Self.mostFlips)
            work += number * 16
            output.flip(number, from: start, &generator)
        }
    }

    private static let mostFlips = 65_536

    private mutating func appendCoded(
        _ coding: StoredCoding, _ content: ArraySlice<UInt8>, _ part: ScriptPart,
        to output: inout ScriptOutput
    ) {
        let all = coding.count(content.count)
        let (range, isPastEnd) = values.part(part.codedRange, of: all)
        if isPastEnd { hasPassedEnd = true }
        let contentRange = content.startIndex..<content.endIndex
        var place: (repeated: Int, harm: Bytes.Harm) =
            part.isOther
            ? (0, .foreign) : answering.cursor.advance(over: range, of: contentRange, part)
        var start = 0
        for piece in coding.pieces(content) {
            let bytes: ArraySlice<UInt8> =
                switch piece {
                case .framing(let framing): framing[...]
                case .content(let range): content[range]
                }
            let inside = range.clamped(to: start..<start + bytes.count)
            if !inside.isEmpty {
                let first = bytes.startIndex + inside.lowerBound - start
                let slice = bytes[first..<first + inside.count]
                append(.bytes(slice), slice.count, place, to: &output)
                place.repeated = max(place.repeated - slice.count, 0)
            }
            start += bytes.count
        }
    }

    /// What has been sent before is somebody else's now.
    private func append(
        _ source: ScriptOutput.Source, _ count: Int, _ place: (repeated: Int, harm: Bytes.Harm),
        to output: inout ScriptOutput
    ) {
        guard case .bytes(let bytes) = source else { return }
        let repeated = min(place.repeated, count)
        output.append(bytes.prefix(repeated), Mark(harm: .foreign, isContent: true))
        output.append(bytes.dropFirst(repeated), Mark(harm: place.harm, isContent: true))
    }

    // MARK: Chunks

    mutating func sendChunk(
        _ part: ScriptPart, _ size: ScriptStep.ChunkSize, _ name: ScriptText?, _ ends: ScriptText?
    ) {
        output = ScriptOutput()
        guard !answering.isBodiless else { return }
        var data = ScriptOutput()
        // Nothing has happened yet if it turns out to be empty.
        append(part, to: &data)
        if data.count == 0, case .right(nil) = size { return }
        var line =
            switch size {
            case .text(let text): values.bytes(text)
            case .right(let plus):
                Array(String(max(data.count + (plus.map(signed) ?? 0), 0), radix: 16).utf8)
            }
        if let name { line += [UInt8(ascii: ";")] + values.bytes(name) }
        output.append(line + [0x0d, 0x0a], Mark())
        output.append(contentsOf: data)
        output.append(ends.map(values.bytes) ?? [0x0d, 0x0a], Mark())
    }

    private func signed(_ expression: ScriptExpression) -> Int {
        let whole = values.answer.length
        return Int(expression.value(of: whole) { values.number($0, of: whole) })
    }

    mutating func sendLastChunk(_ lines: [ScriptText]) {
        output = ScriptOutput()
        guard !answering.isBodiless else { return }
        let trailers = lines.flatMap { line -> [UInt8] in values.bytes(line) + [0x0d, 0x0a] }
        output.append(Array("0\r\n".utf8) + trailers + [0x0d, 0x0a], Mark())
    }

    // MARK: Exactly these

    /// - Parameter count: how many bytes, of the text again and again; nil: once.
    mutating func send(_ bytes: [UInt8], count: Int? = nil) {
        output = ScriptOutput()
        let count = count ?? bytes.count
        guard count > 0, !bytes.isEmpty else { return }
        // What ends a head lies in the first two rounds, or in none.
        let first = Array((count > bytes.count ? bytes + bytes : bytes).prefix(count))
        let ofHead = answering.continueHead(first)
        if answering.isLineEmpty == nil {
            output.append(first.prefix(ofHead)[...], Mark(harm: .foreign))
            output.append(first.dropFirst(ofHead), foreign)
        } else {
            output.append(first, foreign)
        }
        guard count > first.count else { return }
        let rest = count - first.count
        output.append(.pattern(Self.enlarged(bytes, rest)), rest, foreign)
    }

    private var foreign: Mark { Mark(harm: .foreign, isContent: answering.hasHead) }

    /// So many rounds that copying them is worth it.
    private static func enlarged(_ bytes: [UInt8], _ most: Int) -> [UInt8] {
        let rounds = max(min(4096, most) / bytes.count, 1)
        return Array(repeatElement(bytes, count: rounds).joined())
    }

    mutating func fill(_ count: Int, _ filling: ScriptStep.Filling) {
        switch filling {
        case .zero: send([0], count: count)
        case .text(let text): send(values.bytes(text), count: count)
        case .random:
            output = ScriptOutput()
            output.append(.random(seed: generator.next()), count, foreign)
        }
    }
}
