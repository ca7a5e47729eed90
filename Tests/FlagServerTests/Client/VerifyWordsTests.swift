import ControlAPI
import Testing

@testable import flagserver

struct VerifyWordsTests {
    private func json(_ arguments: String...) throws -> String {
        JSONWriter.text(try VerifyWords(arguments).content)
    }

    @Test func `words become what the control port is asked`() throws {
        #expect(
            try json("proxy:delay count==5 peak_concurrency<=5")
                == #"{"q":"proxy:delay","count":{"min":5,"max":5},"peak_concurrency":{"max":5}}"#)
        #expect(
            try json("fault=respond", "count>=1", "count<20", "attempt:2", "-status=4xx,503")
                == #"{"q":"fault=respond attempt:2 -status=4xx,503","#
                + #""count":{"min":1,"max":19}}"#)
        #expect(
            try json("delay>400ms br count==1")
                == #"{"q":"delay\u003e400ms br","count":{"min":1,"max":1}}"#)
        #expect(try json("peak_connections>0") == #"{"peak_connections":{"min":1}}"#)
        #expect(try json("count:0") == #"{"count":{"min":0,"max":0}}"#)
        #expect(
            try json("since=12 refused:true count=1")
                == #"{"since":"12","q":"refused:true","count":{"min":1,"max":1}}"#)
    }

    @Test(arguments: [
        (
            "proxy=a",
            "nothing is expected. Write count==5, peak_concurrency<=5 or peak_connections<=5, "
                + "beside what it is about: proxy:delay."
        ),
        ("count", "'count' says not how much. Write count==5 or count<=5."),
        ("count!=5", "'count!=5': '!=' cannot be asked. Write <=, >=, ==, < or >."),
        ("count==x", "'count==x': 'x' is not a whole number from 0 on."),
        ("count==-1", "'count==-1': '-1' is not a whole number from 0 on."),
        ("count<0", "'count<0' can never hold."),
        ("count>5 count<3", "'count<3' can never hold beside what else is expected."),
        (
            "requests>=1",
            "'requests>=1': there is no 'requests' to compare (count, peak_concurrency, "
                + "peak_connections). Write count."
        ),
        (
            "peak_concurency<=5",
            "'peak_concurency<=5': there is no 'peak_concurency' to compare (count, "
                + "peak_concurrency, peak_connections). Did you mean 'peak_concurrency'?"
        ),
    ])
    func `a mistake is named`(words: String, reason: String) {
        let error = refusal { try json(words) }
        #expect(error?.status == .usage)
        #expect(error?.reason == reason)
    }

    @Test func `a key that there is not is met with the nearest`() {
        #expect(
            refusal { try json("coumt=5") }?.reason
                == "'coumt=5': there is no 'coumt' to compare (count, peak_concurrency, "
                + "peak_connections). Did you mean 'count'?")
        let reason = refusal { try json("proxi=a count=1") }?.reason
        #expect(reason?.hasPrefix("there is no key 'proxi'. Did you mean 'proxy'?") == true)
    }
}
