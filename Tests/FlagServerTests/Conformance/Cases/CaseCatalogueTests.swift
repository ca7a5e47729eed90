import Faults
import Testing

@testable import flagserver

struct CaseCatalogueTests {
    private let cases = CaseCatalogue.all

    @Test func `every fault that says what is expected is a case, once, in the order of groups`() {
        let judged = FaultType.allCases.filter { $0.note.expect != nil && $0.note.level != nil }
        #expect(cases.count == judged.count && Set(cases.map(\.name)).count == cases.count)
        let order = FaultNote.Group.allCases
        let groups = cases.compactMap { order.firstIndex(of: $0.group) }
        #expect(groups == groups.sorted())
    }

    @Test func `a case of a path names a fault of FAULT, one at the door a toxic of it`() throws {
        for item in cases {
            switch item.place {
            case .path(let segment):
                let path = try FaultPath(segment.utf8)
                #expect(path.toxics.map(\.fault.type.rawValue) == [item.fault], "\(item.name)")
            case .toxic(let toxic):
                let options = try ServeOptions.parse(["--toxic", "fault:\(toxic)"])
                #expect(try Settings(options).addedToxics[.fault]?.count == 1, "\(item.name)")
            }
        }
    }

    @Test func `the list has a line for each`() {
        let list = CaseCatalogue.list(cases).split(separator: "\n")
        #expect(list.count == cases.count)
        #expect(list.contains { $0.hasPrefix("body/truncate ") && $0.contains(" error ") })
    }
}
