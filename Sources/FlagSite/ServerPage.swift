import HTTPWire

/// The page at `/flags/` of one server, which says what that does now. Made when it is asked for,
/// and kept until it would say something else.
final class ServerPage {
    private let words: (HTTPRequest) -> String
    private var made: (words: String, store: FlagStore, resource: FlagStore.Resource)?

    /// - Parameter words: which server it is and what it does, at that moment.
    init(_ words: @escaping (HTTPRequest) -> String) { self.words = words }

    /// - Parameter now: seconds since 1970.
    func resource(_ request: HTTPRequest, _ store: FlagStore, now: Int64) -> FlagStore.Resource {
        let words = words(request)
        if let made, made.store === store, made.words.utf8.elementsEqual(words.utf8) {
            return made.resource
        }
        // Whoever has the page from before must not take it for this one.
        let isFirst = made == nil || made?.store !== store
        let resource = store.page(of: words, lastModified: isFirst ? store.loadedAt : now)
        made = (words, store, resource)
        return resource
    }
}
