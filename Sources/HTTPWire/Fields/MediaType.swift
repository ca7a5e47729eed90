/// The media types of files by their names (RFC 9110 §8.3.1).
public enum MediaType {
    /// The type of content nothing is known of (RFC 9110 §8.3).
    static let unknown = "application/octet-stream"
    private static let plainText = "text/plain; charset=utf-8"

    /// The Content-Type value for a file; `application/octet-stream` if the name tells nothing.
    ///
    /// The extension is what follows the last dot, in any letter case. A name in capitals without
    /// one, such as `SHA256SUMS` or `README`, is that of a text. Text is taken to be UTF-8.
    ///
    /// - Parameter fileName: The name of the file without folders.
    public static func of(fileName: String) -> String {
        let name = fileName.utf8
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else {
            return isCapitals(name) ? plainText : unknown
        }
        // The dot of a hidden file does not begin an extension.
        guard dot != name.startIndex else { return unknown }
        let letters = name[name.index(after: dot)...].map(lowercased)
        let fileExtension = String(decoding: letters, as: UTF8.self)
        return image(fileExtension) ?? text(fileExtension) ?? audioOrVideo(fileExtension)
            ?? archive(fileExtension) ?? application(fileExtension) ?? unknown
    }

    private static func image(_ fileExtension: String) -> String? {
        switch fileExtension {
        case "gif": "image/gif"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "avif": "image/avif"
        case "apng": "image/apng"
        case "svg": "image/svg+xml"
        case "ico": "image/vnd.microsoft.icon"
        case "bmp": "image/bmp"
        case "tif", "tiff": "image/tiff"
        default: nil
        }
    }

    private static func text(_ fileExtension: String) -> String? {
        switch fileExtension {
        case "html", "htm": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        // RFC 9239 §6: text/javascript, and the application/ names are obsolete.
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "txt", "text", "log": plainText
        case "md", "markdown": "text/markdown; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        case "tsv": "text/tab-separated-values; charset=utf-8"
        default: nil
        }
    }

    private static func audioOrVideo(_ fileExtension: String) -> String? {
        switch fileExtension {
        case "mp4", "m4v": "video/mp4"
        case "webm": "video/webm"
        case "mov": "video/quicktime"
        case "mp3": "audio/mpeg"
        case "m4a": "audio/mp4"
        case "ogg", "oga": "audio/ogg"
        case "flac": "audio/flac"
        case "wav": "audio/wav"
        default: nil
        }
    }

    private static func archive(_ fileExtension: String) -> String? {
        switch fileExtension {
        case "zip": "application/zip"
        case "gz", "tgz": "application/gzip"
        case "tar": "application/x-tar"
        case "bz2": "application/x-bzip2"
        case "xz": "application/x-xz"
        case "zst": "application/zstd"
        case "7z": "application/x-7z-compressed"
        default: nil
        }
    }

    private static func application(_ fileExtension: String) -> String? {
        switch fileExtension {
        // RFC 8259 §11: JSON is UTF-8 and its type has no charset parameter.
        case "json", "map": "application/json"
        case "webmanifest": "application/manifest+json"
        case "xml": "application/xml"
        case "pdf": "application/pdf"
        case "yaml", "yml": "application/yaml"
        case "toml": "application/toml"
        case "wasm": "application/wasm"
        case "woff": "font/woff"
        case "woff2": "font/woff2"
        case "ttf": "font/ttf"
        case "otf": "font/otf"
        case "asc", "sig": "application/pgp-signature"
        default: nil
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// Whether a name has capital letters and beside them only digits, `-` and `_`.
    private static func isCapitals(_ name: String.UTF8View) -> Bool {
        var hasLetter = false
        for byte in name {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasLetter = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): break
            default: return false
            }
        }
        return hasLetter
    }
}
