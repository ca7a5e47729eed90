import FlagSite
import HTTPWire

/// The flags of the town: made up, of all sizes.
enum DayFiles {
    /// Content whose size the town does not know.
    static let unknown = -1

    static let all: [(name: String, count: Int)] = [
        ("br/br.gif", 900), ("br/metadata.json", 70), ("cn/cn.gif", 3_000), ("in/in.gif", 12_000),
        ("us/us.gif", 40_000), ("id/id.gif", 400_000),
    ]
    /// The small ones more often.
    static let often = all + all.prefix(4) + all.prefix(4) + all.prefix(3)

    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) }
    }

    static func store(now: Int64) -> FlagStore {
        FlagStore(
            files: all.map { name, count in
                FlagStore.File(name: name, content: Bytes(bytes(count)), lastModified: now - 9)
            },
            countries: ["br", "cn", "in", "us", "id"].compactMap { CountryCode($0) },
            name: { "\($0)" }, loadedAt: now)
    }
}
