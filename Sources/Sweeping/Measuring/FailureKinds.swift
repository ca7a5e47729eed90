/// Gives each kind of failure a number. There may come any number of kinds from outside; those
/// after the 32nd share the last number.
struct FailureKinds {
    static let most = 32
    static let other = "other"

    private var names: [String] = []
    private var numbers: [String: Int] = [:]

    /// From 0 to `most`.
    mutating func number(of kind: String) -> Int {
        if let number = numbers[kind] { return number }
        guard names.count < Self.most else { return Self.most }
        names.append(kind)
        numbers[kind] = names.count - 1
        return names.count - 1
    }

    /// By kind, the most frequent first.
    func failures(from earlier: [Int], to later: [Int]) -> [(kind: String, count: Int)] {
        let found = later.enumerated().map { number, count in
            let before = number < earlier.count ? earlier[number] : 0
            return (kind: number < names.count ? names[number] : Self.other, count: count - before)
        }
        return found.filter { $0.count > 0 }.sorted {
            ($1.count, $0.kind) < ($0.count, $1.kind)
        }
    }
}
