import Foundation

/// What the program was asked for.
struct Words {
  var path = Self.besideTheRepository
  var customersMax = Int.max
  var kills = 8
  var seed = UInt64(1)
  /// Set in the processes that are started to be killed: where the ledger lies.
  var folder: String?

  static let usage = """
    usage: purchases [CDNOW_master.txt] [--customers N] [--kills N] [--seed N]

      purchases                        the whole check, with the table beside the repository
      purchases --customers 500        with the first 500 customers only
      purchases CDNOW_master.txt       with the table that lies there
    """

  private static var besideTheRepository: String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../shared/data/cdnow/CDNOW_master.txt").standardizedFileURL.path
  }

  /// - Returns: `nil` for words that make no sense.
  init?(_ words: some Sequence<String>) {
    var words = words.makeIterator()
    while let word = words.next() {
      switch word {
      case "--customers":
        guard let number = words.next().flatMap({ Int($0) }), number > 0 else { return nil }
        customersMax = number
      case "--kills":
        guard let number = words.next().flatMap({ Int($0) }), number >= 0 else { return nil }
        kills = number
      case "--seed":
        guard let number = words.next().flatMap({ UInt64($0) }) else { return nil }
        seed = number
      case "--into":
        guard let path = words.next() else { return nil }
        folder = path
      default:
        if word.hasPrefix("-") { return nil }
        path = word
      }
    }
  }

  /// How to start this program again to write into `folder`.
  func arguments(into folder: String) -> [String] {
    [path, "--customers", "\(customersMax)", "--into", folder]
  }
}
