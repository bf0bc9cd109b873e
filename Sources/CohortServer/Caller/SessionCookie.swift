import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel

/// What the cookie of a session names.
enum SessionCookie {
  case none
  /// The SHA-256 of a token.
  case token(Digest)
  /// It comes twice, or can be none.
  case bad
}

// A browser keeps one cookie of a name for a host, whatever the port: two ledgers there would sign
// each other out, and hear each other's tokens. So the name says whose it is:
//
//     cohort_session_1f09c3aa_8080
//                    │        └ the port, if the address has one: a replica has its ledger's id
//                    └ the first eight digits of the ledger's id

extension Service {
  /// The name of the cookie of a session here, as the browser that asks knows the address.
  func sessionCookieName(_ head: RequestHead) -> String {
    let name = "cohort_session_\(ledger.now.log.ledger.description.prefix(8))"
    return port(of: head).map { "\(name)_\($0)" } ?? name
  }

  /// The cookie of a session (RFC 6265, section 5.4).
  func sessionCookie(of head: RequestHead) -> SessionCookie {
    let name = Array("\(sessionCookieName(head))=".utf8)
    var found: [ArraySlice<UInt8>] = []
    for field in head.headers["cookie"] {
      for pair in field.split(separator: UInt8(ascii: ";")) {
        let pair = pair.drop { $0 == 0x20 || $0 == 0x09 }
        guard pair.starts(with: name) else { continue }
        found.append(pair.dropFirst(name.count))
      }
    }
    guard let value = found.first else { return .none }
    guard found.count == 1, (1...256).contains(value.count) else { return .bad }
    return .token(SHA256.digest(of: Array(value)))
  }

  /// What stands behind the last colon of the host, if it can be a port: `[::1]` has none.
  private func port(of head: RequestHead) -> UInt16? {
    guard let host = host(of: head), let colon = host.lastIndex(of: UInt8(ascii: ":")) else {
      return nil
    }
    let digits = host[(colon + 1)...]
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt16(String(decoding: digits, as: UTF8.self))
  }
}
