import Downloading
import Faults

/// What a load asks for.
struct LoadTarget {
    let site: DownloadSite
    let urls: [DownloadURL]
    let timeout: Nanoseconds

    /// - Throws: `GetUsageError` for a URL that cannot be asked.
    init(_ site: DownloadSite, _ codes: [String], timeout: Nanoseconds) throws {
        (self.site, self.timeout) = (site, timeout)
        do throws(DownloadURL.Mistake) {
            let base = try DownloadURL(site.url)
            urls = codes.map { base.appending("\($0.lowercased())/\($0.lowercased()).gif") }
        } catch {
            throw GetUsageError("\(site.url): \(error)")
        }
    }

    func limits(connections: Int) -> DownloadLimits {
        DownloadLimits(
            connections: connections, patience: timeout, total: min(timeout, 3_600_000_000_000) * 10
        )
    }
}
