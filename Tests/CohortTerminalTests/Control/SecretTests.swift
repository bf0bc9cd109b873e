import CohortLedger
import CohortLog
import CohortModel
import Glibc
import Testing

@testable import cohort

@Suite struct `A secret that cannot be shown` {
  static let lines = [
    "keys issue data-import --partner hightouch", "keys issue rest --all-permissions",
    "keys issue partner --partner hightouch", "partners enable hightouch",
    "partners enable segment",
  ]

  @Test(arguments: lines.flatMap { [$0, $0 + " --json"] }, [false, true])
  func `leaves no live key behind`(line: String, isServed: Bool) throws {
    let house = try TerminalHouse()
    _ = try house.run("partners enable hightouch")
    let served = isServed ? try house.serve() : nil
    for (number, output) in try Self.deadEnds().enumerated() {
      let run = try house.run(line, to: output)
      #expect(run.code == .storage)
      #expect(run.words.contains("nobody has seen the secret of key:\(number + 2), and it was"))
      #expect(run.words.contains("invalidated at once (#"))
      #expect(!run.words.contains("is shown only now"))
    }
    served?.server.stop()
    try served?.ledger.close()
    let ledger = try Ledger.open(house.storage, for: .read)
    let keys = ledger.now.keys
    #expect(keys.map { $0.invalidatedAt != nil } == [false, true, true, true])
    try ledger.close()
  }

  /// A full device, a pipe that nobody reads, and a descriptor that is not for writing.
  private static func deadEnds() throws -> [OwnedDescriptor] {
    let pipe = try Pipe()
    Pipe.close(pipe.reading)
    return [
      OwnedDescriptor(unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)), pipe.writing,
      OwnedDescriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)),
    ]
  }
}
