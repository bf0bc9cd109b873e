import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// Somebody at the console: what his browser sends.
struct Browser {
  let house: TestHouse
  /// Name and value, as they are sent.
  let cookie: String

  /// What a page of the console sends with every write.
  static let own = [("cohort-console", "1"), ("sec-fetch-site", "same-origin")]

  /// Signs in with a link, or with a key.
  init(_ house: TestHouse, key: String? = nil) throws {
    self.house = house
    let answer =
      if let key {
        house.signIn(#"{"key":"\#(key)"}"#)
      } else {
        house.signIn(code: String(decoding: house.service.sessions.code(), as: UTF8.self))
      }
    #expect(answer.status == 200, "\(answer.text)")
    cookie = try #require(answer.cookie)
  }

  func get(_ target: String, _ headers: [(String, String)] = []) -> TestAnswer {
    house.get(target, headers: [("cookie", cookie)] + headers)
  }

  func post(_ target: String, _ body: String, _ headers: [(String, String)] = []) -> TestAnswer {
    house.post(target, body, headers: [("cookie", cookie)] + Self.own + headers)
  }

  func signOut() -> TestAnswer {
    house.send(.delete, "/session", headers: [("cookie", cookie)] + Self.own)
  }
}

extension TestHouse {
  /// Of the cookie of a session, at an address without a port.
  var cookieName: String {
    "cohort_session_\(shop.ledger.now.log.ledger.description.prefix(8))"
  }

  func signIn(_ body: String, _ headers: [(String, String)] = Browser.own) -> TestAnswer {
    post("/session", body, headers: headers)
  }

  func signIn(code: String) -> TestAnswer { signIn(#"{"code":"\#(code)"}"#) }
}

extension TestAnswer {
  /// Name and value of the cookie that a browser would keep.
  var cookie: String? {
    self["Set-Cookie"].flatMap { $0.split(separator: ";").first }.map { String($0) }
  }
}
