import Testing

@testable import Faults

/// Where each mistake is, and what is said of it.
struct ScriptErrorTests {
    private func message(_ text: String) -> String {
        do throws(ScriptError) {
            _ = try Script.read(text)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("", "1:1: The script is empty."), ("# only\n\n", "1:1: The script is empty."),
        ("head\nbody", "1:1: The first line says in a sentence"),
        ("It.", "1:1: There are no steps."), ("It.\n\n# none\n", "4:1: There are no steps."),
        ("It.\nhead\n\nfin", "2:1: 'head' is a step. An empty line stands before the steps."),
        ("It.\ngruop body\n\nfin", "2:1: A header has no 'gruop'."),
        ("It.\ngroup bdy\n\nfin", "2:7: 'bdy' is none of listener, connection"),
        ("It.\ngroup\n\nfin", "2:6: Write group "),
        ("It.\n  expect  errr\n\nfin", "2:11: 'errr' is none of error"),
        ("It.\ngiven 40%\n\nfin", "2:7: '40%' is no such part. Write given ..40% [of other]."),
        ("It.\nneeds gzip wings\n\nfin", "2:7: 'wings' is none of"),
        ("It.\nexchanges 0\n\nfin", "2:11: exchanges '0'"),
        ("It.\nparam at 40%\n\nfin", "2:13: Write param"),
        ("It.\nparam at 40% plce\n\nfin", "2:14: 'plce' is no kind of parameter."),
        ("It.\nparam At 40% position\n\nfin", "2:7: 'At' is no name."),
        ("It.\nparam a{ 40% position\n\nfin", "2:7: 'a{' is no name."),
        ("It.\nparam at 140% position\n\nfin", "2:10: 140% is more than there is."),
        ("It.\nparam at 5 time\n\nfin", "2:10: a time needs a unit. Did you mean 5ms, or 5s?"),
        ("It.\nparam n 1.5 count\n\nfin", "2:9: '1.5' is no whole number."),
        ("It.\nparam path x word\n\nfin", "2:7: 'path' means something else."),
        ("It.\nparam other 5 bytes\n\nfin", "2:7: 'other' means something else."),
        ("It.\nparam t 0.5us time\n\nfin", "2:9: '0.5us' is no whole number of microseconds."),
        ("It.\nparam a 5 bytes\nparam a 6 bytes\n\nfin", "3:7: 'a' is there already."),
        ("It.\nvariant A\n\nfin", "2:9: 'A' is no name of a variant."),
        ("It.\nvariant a\n\nfin\nvariant a\n\nfin", "5:9: The variant 'a' is there already."),
        ("It.\nvariant a\n\nvariant b\n\nfin", "3:1: There are no steps."),
    ])
    func `of a header`(_ text: String, _ start: String) {
        let message = message(text)
        #expect(message.hasPrefix(start), "\(message)")
    }

    @Test(arguments: [
        ("haed", "1: There is no step 'haed'."),
        ("bdy", "1: There is no step 'bdy'. Did you mean 'body'?"),
        ("group body", "1: 'group' belongs into the header"), ("\"head\"", "1: There is no step"),
        ("head of", "6: 'of' is no change of a head."),
        ("head \"a\" \"b\"", "10: A word is missing before it"),
        ("head 99", "6: 99 is no status"), ("head set X", "10: Write a field in quotes"),
        ("head set \"X\"", "10: This is no field: it has no ':'."), ("head drop \"X\"", "11: '"),
        ("head drop", "10: Write the name of a field"),
        ("head ends", "10: Write what ends each line"),
        ("body 50", "6: '50' is no part of a body."), ("body ...5", "6: Two points are enough"),
        ("body ..5x", "8: '5x' is not a size."), ("body ..50%+x", "12: 'x' is not a size."),
        ("body 3..$nothing", "9: There is no variable '$nothing'."),
        ("body ..$etag", "8: '$etag' is a text."),
        ("body ..$d", "8: '$d' is a time. Here stands a position."),
        ("body ..$w", "8: '$w' is a word."),
        ("body of us", "9: Write of other."), ("body as", "8: Write as and one of"),
        (
            "body as gzp",
            "9: 'gzp' is no coding. There are gzip, deflate, br and zstd. Did you mean"
        ),
        ("body flip", "10: Write how many bits"), ("body ..120%", "8: '120%' is no share."),
        ("chunk size 5", "12: Write a size in quotes"),
        ("chunk foo", "7: 'foo' is no part of a chunk."),
        ("send", "5: Write a text in quotes"), ("send a", "6: Write a text in quotes"),
        ("send \"a", "6: This text does not end."), ("send \"a\"b", "9: A blank is missing here"),
        ("send \"ä\\q\"", "8: '\\q' is no escape."),
        ("send \"\\x4\"", "7: Two hexadecimal digits follow"),
        ("send \"$lenght\"", "7: There is no variable '$lenght'. Did you mean 'length'?"),
        ("send \"$i\"", "7: '$i' counts the rounds of a loop."),
        ("send \"${length\"", "7: A } is missing"),
        ("hex", "4: Write bytes in hexadecimal"), ("hex 0g", "6: This is no hexadecimal digit."),
        ("hex 0d0", "5: A byte has two digits, and here are 3."),
        ("fill 5", "7: Write how many bytes"),
        ("fill 5 ones", "8: Fill with zero"), ("fill 5 \"\"", "8: Fill with zero"),
        ("fill x zero", "6: 'x' is not a size."), ("wait", "5: Write how long"),
        ("wait 5", "6: a time needs a unit. Did you mean 5ms, or 5s?"),
        ("wait $n", "6: '$n' is no time."),
        ("pace", "5: Write how many bytes how often"),
        ("pace 1B 20ms", "9: Write how many bytes how often"),
        ("pace 0B every 1s", "1: A pace has at least 1B."), ("repeat", "7: Write how often"),
        ("repeat forever", "15: A loop for ever needs both bounds"),
        ("repeat forever 1MiB", "20: A loop for ever needs both bounds"),
        ("repeat 2\nfin\ndone", "1: 'fin' ends all, so that it cannot be repeated."),
        ("repeat 2\ndone", "1: Nothing stands between 'repeat' and 'done'."),
        ("repeat 2\nhead", "1: This 'repeat' does not end."), ("done", "1: There is no 'repeat'"),
        ("fin\nbody", "1: 'fin' has ended the connection"),
        ("silence 5s\nfin", "1: 'silence' has ended"),
        ("half\nsend \"a\"", "1: 'half' has ended our side"),
        ("half\nrequest", "1: 'half' has ended our side"),
        ("fin now", "5: 'now' is too much here: 'fin' is complete before it."),
        ("begin", "6: Write begin accept or begin head."),
        ("begin now", "7: 'now' is no beginning."),
        ("wait 1s\nbegin head", "1: 'begin' is the first step."), ("ask", "4: Write ask drop NAME"),
        ("ask for", "5: 'for' is neither drop nor set."),
        ("head\nask drop Range", "1: 'ask' comes too late"),
        ("begin accept\nhead", "1: There is no request yet to answer"),
        ("begin accept\nsend \"$path\"", "1: There is no request yet to answer"),
        ("close-wait", "11: Write how long at most"), ("wait 25h", "1: 'wait' lasts at most 24h."),
    ])
    func `of a step`(_ steps: String, _ start: String) {
        let header = "It.\nparam d 5s time\nparam n 5 count\nparam w x word\n\n"
        let message = message(header + steps)
        let line = 5 + (["repeat 2\nhead"].contains(steps) ? 1 : steps.split(separator: "\n").count)
        // Of loops the second line or the last.
        let lines = [line, 7, 6]
        #expect(lines.contains { message.hasPrefix("\($0):\(start)") }, "\(message)")
    }

    @Test func `what is too long is refused`() {
        let long = "It.\n\n" + String(repeating: "#", count: Script.maximumText)
        #expect(message(long).hasPrefix("1:1: The script has 65541 bytes. It may have 65536"))
        let steps = "It.\n\n" + String(repeating: "head\n", count: 4097)
        #expect(message(steps).hasPrefix("4099:1: A script has at most 4096 steps."))
        let variants = (0...256).map { "variant v\($0)\n\nfin\n" }.joined()
        #expect(message("It.\n\(variants)").hasPrefix("770:1: A script has at most 256 variants."))
    }

    @Test func `a NUL is no text`() {
        #expect(message("It.\n\nse\0nd").hasPrefix("3:3: This is not text: it has a NUL."))
    }
}
