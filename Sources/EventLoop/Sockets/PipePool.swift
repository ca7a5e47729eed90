/// The pipes that relays splice through, lent for as long as there are bytes in one.
///
/// The first 32 hold up to 1 MiB each, because the kernel allows an ordinary user about 64 MiB
/// (pipe(7), pipe-user-pages-soft); the others have the default size. Loop thread only.
final class PipePool {
    static let maximum = 64
    static let largeMaximum = 32

    private(set) var pipes: [SplicePipe] = []
    /// Numbers of those that are not lent, the large ones last: they are taken first.
    private(set) var free: [UInt8] = []

    var largeCount: Int { pipes.count { $0.isOpen && $0.isLarge } }

    subscript(number: UInt8) -> SplicePipe { pipes[Int(number) - 1] }

    /// - Returns: the number of an empty pipe, or 0 if there is none to be had.
    func take() -> UInt8 {
        let number: UInt8
        if let last = free.popLast() {
            number = last
        } else {
            guard pipes.count < Self.maximum else { return 0 }
            pipes.append(SplicePipe())
            number = UInt8(pipes.count)
        }
        let pipe = self[number]
        guard !pipe.isOpen else { return number }
        if pipe.open(large: largeCount < Self.largeMaximum) { return number }
        giveBack(number)
        return 0
    }

    /// Takes a pipe back. One that still holds bytes is closed: they belong to nobody now.
    func giveBack(_ number: UInt8) {
        let pipe = self[number]
        if pipe.count > 0 { pipe.close() }
        if pipe.isLarge { free.append(number) } else { free.insert(number, at: 0) }
    }
}
