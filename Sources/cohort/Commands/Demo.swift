import CohortLedger
import Glibc

extension Subcommand {
  static let demo = Subcommand(
    "demo", summary: "Let a small made-up shop live through four weeks.",
    notes: ["Writes to a temporary folder that it names, and leaves it there to be looked at."],
    examples: ["demo"], besideServer: .apart
  ) { invocation in
    let folder = try TemporaryFolder.make()
    let console = invocation.console
    var broken: (any Error)?
    do {
      let story = DemoStory(shop: try DemoShop(folder)) { line in
        do { try console.line(line) } catch { broken = broken ?? error }
      }
      try story.tell()
      try story.shop.ledger.close()
    }
    if let broken { throw broken }
    try console.line("")
    try console.line("The ledger lies in \(folder). Ask it more:")
    try console.line("  cohort history external_id:hana --storage \(folder)")
    try console.line("  cohort log --storage \(folder)")
    try console.line("  cohort verify --storage \(folder)")
    return .done
  }
}

enum TemporaryFolder {
  /// Makes an empty folder of its own, below `TMPDIR` or `/tmp`.
  static func make() throws(Failure) -> String {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/cohort-demo-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    guard let made else {
      throw Failure(
        .storage, "No folder can be made in '\(parent)'. Set TMPDIR to one that can be written.")
    }
    return made
  }
}
