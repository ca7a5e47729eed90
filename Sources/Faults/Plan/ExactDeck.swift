/// The exact mode: exchanges are dealt from shuffled decks of 20, and every deck holds its quota.
///
/// 25 % are five of each twenty. A share that is no whole number of twenty is carried over, so
/// that the sum over all decks is never off by more than a half.
enum ExactDeck {
    static let size: UInt64 = 20

    /// Whether exchange `number` (from 1) is hit. A pure function of its arguments.
    static func hits(_ probability: Probability, number: UInt64, seed: UInt64) -> Bool {
        let (deck, position) = (max(number, 1) - 1).quotientAndRemainder(dividingBy: size)
        var wanted = probability.share(of: (deck + 1) * size) - probability.share(of: deck * size)
        var generator = SeededGenerator(seed: SeededGenerator.mix(seed ^ (deck &+ 1)))
        // Selection sampling (Knuth, TAOCP 2, algorithm S): each place in turn, with the chance
        // that is left for it.
        for place in 0...position {
            let isHit = generator.next(below: size - place) < wanted
            if place == position { return isHit }
            if isHit { wanted -= 1 }
        }
        return false
    }
}
