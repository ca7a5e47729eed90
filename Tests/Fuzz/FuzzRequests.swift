// Compiled together with Sources/HTTPWire by `make fuzz`.

/// What libFuzzer calls with each input: heads, bodies, ranges, conditions and dates must neither
/// trap nor read outside of what they were given.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    var skipped = 0
    if let request = try? HTTPParser.parse(bytes, skipped: &skipped) { use(request, bytes) }
    var decoder = ChunkedDecoder()
    _ = try? decoder.consume(bytes) { precondition($0.count <= count) }
    _ = ByteRange.select(bytes, size: count)
    _ = EntityTag(strong: "a").isMatched(byList: bytes, weakly: true)
    _ = HTTPDate.parse(bytes, now: 0)
    _ = PercentCoding.decodePath(bytes)
    return 0
}

private func use(_ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer) {
    precondition(request.head.count <= bytes.count)
    precondition(request.target.count <= request.head.count)
    let condition = ConditionalRequest(
        ifMatch: request.singleValue(of: "if-match"),
        ifNoneMatch: request.singleValue(of: "if-none-match"),
        ifModifiedSince: request.singleValue(of: "if-modified-since"),
        ifUnmodifiedSince: request.singleValue(of: "if-unmodified-since"),
        ifRange: request.singleValue(of: "if-range"))
    _ = condition.evaluate(entityTag: EntityTag(strong: "a"), lastModified: 1, now: 2)
    if let range = request.singleValue(of: "range") {
        guard case .ranges(let ranges) = ByteRange.select(range, size: 12_345) else { return }
        for range in ranges { precondition(range.lowerBound + range.count <= 12_345) }
    }
}
