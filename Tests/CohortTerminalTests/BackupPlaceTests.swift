import CohortLog
import Glibc
import Testing

@testable import cohort

@Suite struct `A backup` {
  @Test func `is not put into the ledger's own folder, by whatever name`() throws {
    let house = try TerminalHouse()
    _ = try house.run("partners enable hightouch")
    #expect(unsafe symlink(house.storage, "\(house.path)/link") == 0)
    #expect(unsafe mkdir("\(house.storage)/kept", 0o700) == 0)
    #expect(unsafe mkdir("\(house.storage)/kept/empty", 0o700) == 0)
    #expect(unsafe symlink("\(house.storage)/kept", "\(house.path)/inner") == 0)
    let before = try PosixDisk().list(house.storage).sorted()
    let places = [
      house.storage, "\(house.storage)/", "\(house.storage)/monday",
      "\(house.storage)/events.log", "\(house.storage)/kept/empty",
      "\(house.storage)/kept/empty/monday", "\(house.path)/link", "\(house.path)/link/monday",
      "\(house.path)/inner/monday", "\(house.path)/link/../ledger/monday",
    ]
    for place in places {
      let run = try house.run(["backup", place])
      #expect(run.code == .refused, "\(place)")
      #expect(run.words.contains("lies in the ledger's own storage folder"), "\(run.words)")
    }
    #expect(try PosixDisk().list(house.storage).sorted() == before)
    for place in ["\(house.path)/monday", "\(house.path)/link/../tuesday"] {
      #expect(try house.run(["backup", place]).code == .done, "\(place)")
    }
  }
}
