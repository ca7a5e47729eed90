import Glibc

/// Which target this run is about: the value of `FUZZ_TARGET`.
private let chosen: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        exit(name.isEmpty ? 0 : 2)
    }
    return target
}()

@_cdecl("LLVMFuzzerInitialize")
public func fuzzBegin(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer
) -> CInt {
    _ = chosen.name
    return 0
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    do {
        try FuzzClock.check(chosen, bytes)
    } catch {
        print("\(chosen.name): \(error)")
        fflush(nil)
        abort()
    }
    return 0
}
