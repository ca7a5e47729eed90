/// What a step does: the only list of them.
enum ScriptVerb: String, CaseIterable, Sendable {
    case begin, ask, head, body, chunk
    case lastChunk = "last-chunk"
    case send, hex, fill, wait, pace
    case loop = "repeat"
    case done, request, fin, rst, half, silence
    case closeWait = "close-wait"

    /// Whether nothing can follow it.
    var isEnding: Bool {
        switch self {
        case .fin, .rst, .silence, .closeWait: true
        case .begin, .ask, .head, .body, .chunk, .lastChunk, .send, .hex, .fill, .wait, .pace,
            .loop, .done, .request, .half:
            false
        }
    }

    /// Whether it sends bytes.
    var sends: Bool {
        switch self {
        case .head, .body, .chunk, .lastChunk, .send, .hex, .fill: true
        case .begin, .ask, .wait, .pace, .loop, .done, .request, .fin, .rst, .half, .silence,
            .closeWait:
            false
        }
    }

    /// How it is written, a line for each way.
    var forms: [String] {
        switch self {
        case .begin: ["begin accept", "begin head"]
        case .ask: ["ask [drop NAME]… [set \"NAME: VALUE\"]…"]
        case .head:
            [
                "head [STATUS | \"STATUS LINE\"] [set \"NAME: VALUE\"]… [add \"NAME: VALUE\"]…",
                "     [drop NAME]… [first \"RAW LINE\"]… [line \"RAW LINE\"]… [ends \"\\n\"]",
                "     [FROM..TO] [open]",
            ]
        case .body: ["body [of other] [FROM..TO] [as CODING [FROM..TO]] [flip N]"]
        case .chunk:
            [
                "chunk [of other] [FROM..TO] [as CODING [FROM..TO]] [flip N]",
                "      [size \"TEXT\" | size +N | size -N] [extension \"TEXT\"] [ends \"TEXT\"]",
            ]
        case .lastChunk: ["last-chunk [\"TRAILER: VALUE\"]…"]
        case .send: ["send \"TEXT\"…"]
        case .hex: ["hex 0d0a…"]
        case .fill: ["fill N zero", "fill N random", "fill N \"TEXT\""]
        case .wait: ["wait TIME"]
        case .pace: ["pace N every TIME", "pace off"]
        case .loop: ["repeat N", "repeat forever N bytes TIME"]
        case .done: ["done"]
        case .request: ["request"]
        case .fin: ["fin"]
        case .rst: ["rst"]
        case .half: ["half"]
        case .silence: ["silence [TIME]"]
        case .closeWait: ["close-wait TIME"]
        }
    }

    var summary: String {
        switch self {
        case .begin:
            "The steps begin before the request (accept), or when its head is there; else when it "
                + "is complete. The first step."
        case .ask: "Changes the request that the honest answer is made for: `ask drop Range`."
        case .head:
            "The head of the honest answer with changes. `first` and `line` are lines as they are, "
                + "before and behind the others; `ends` ends each line; FROM..TO is a part of it; "
                + "`open` leaves the empty line out."
        case .body:
            "Bytes of the honest body, or of another object's. CODING is gzip, deflate, br or zstd "
                + "(of stored blocks); the range behind it is one of the coded bytes. `flip` flips "
                + "N bits, drawn."
        case .chunk:
            "The same as a chunk; `size` is what its size line says, `ends` what follows its data. "
                + "A part that is empty makes no chunk."
        case .lastChunk: "The last chunk, with trailers."
        case .send: "These bytes. Escapes: \\r \\n \\t \\0 \\\\ \\\" \\xNN."
        case .hex: "These bytes, in hexadecimal digits; blanks may stand between them."
        case .fill: "N bytes: of zero, drawn, or of a text again and again."
        case .wait: "Waits: `wait 200ms`. At most a day."
        case .pace:
            "From now on N bytes every TIME: `pace 1B every 20ms`; the first at once."
        case .loop:
            "Repeats the steps up to its `done`; `$i` is the round. `forever` ends after N bytes "
                + "of it, at most 1GiB, or after TIME, at most 10m."
        case .done: "Ends a `repeat`."
        case .request:
            "Waits for the next request on this connection; what follows answers it."
        case .fin: "Ends the connection with FIN."
        case .rst: "Ends it with RST, behind the bytes that were sent."
        case .half: "Ends our side (FIN); the client is still heard."
        case .silence: "Sends nothing more until the client leaves; or for TIME, then FIN."
        case .closeWait: "Waits until the client ends its side, at most TIME, then FIN."
        }
    }
}
