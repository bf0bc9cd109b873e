import TestSupport
import Testing

/// Runs the main job on real input with the first customers only.
///
/// The whole table is checked by the program itself: `swift run -c release purchases`.
@Suite struct `The purchases of the first customers` {
  private func run(_ arguments: [String]) throws -> (code: Int32, words: String) {
    let (code, output) = try Program(product: "purchases").run(arguments)
    return (code, output)
  }

  @Test func `give the members of every week, through restarts, kills and merges`() throws {
    let (code, words) = try run(["--customers", "150", "--kills", "4"])
    #expect(code == 0, "\(words)")
    #expect(words.contains("all as the transactions say"), "\(words)")
    // Which table it was: the real one is not in the repository.
    print(words.prefix { $0 != "\n" })
  }

  @Test func `or generated ones of the same shape do so too`() throws {
    let (code, words) = try run(["/nowhere/CDNOW_master.txt", "--customers", "60", "--kills", "1"])
    #expect(code == 0, "\(words)")
    #expect(words.contains("generated, because the CDNOW table is not there"))
  }

  @Test func `are refused with a clear word when they are none`() throws {
    let (code, words) = try run([#filePath])
    #expect(code == 1)
    #expect(words.contains("Line 1 of the table is not a customer"))
    #expect(try run(["--customers", "none"]).code == 2)
  }
}
