import CohortFormat
import CohortHTTP
package import CohortLedger
package import CohortModel
import CohortWire

/// Who asks: by a REST key that was good when the question began, or by a session of the console.
package struct Caller: Sendable {
  /// To be checked again: when a write is sequenced, and before each batch of a stream.
  package let author: Author
  package let key: KeyID
  package let permissions: Permissions
  /// `nil` for who shows a key each time.
  let session: SessionHold?

  /// Checks the key and the session again.
  ///
  /// - Throws: ``Refusal`` if they have ended, or may no longer do this.
  package func check(in view: View) throws(Refusal) {
    guard session?.lasts ?? true else { throw .invalidAPIKey }
    _ = try view.state.check(author, at: view.clock)
  }
}

extension Service {
  /// Authenticates whoever asks, against durable state.
  ///
  /// - Throws: 401 for what opens nothing from where the caller is, 403 if it opens something else,
  ///   or was not sent by the page that is signed in.
  func caller(
    of head: RequestHead, needing permission: Permission
  ) throws(Denial) -> Caller {
    let shown = try credential(of: head)
    let author: Author =
      switch shown.holder {
      case .operator: .local
      case .key(let digest): .bearer(digest, from: address(of: head), needs: permission)
      }
    let now = ledger.now
    do throws(Refusal) {
      let key = try now.state.check(author, at: now.clock)
      visits.note(key, in: head.number)
      return Caller(
        author: author, key: key,
        permissions: author == .local ? .all : now.state.keys[key].issued.permissions,
        session: shown.session)
    } catch {
      // Who may do something else is known by name.
      if case .accessDenied = error, case .key(let digest) = shown.holder,
        let key = now.state.keys.find(digest)
      {
        visits.note(key, in: head.number)
      }
      guard shown.session != nil else { throw denial(error, to: head) }
      endSessions(of: shown.holder, in: now)
      throw Denial(WireError(error))
    }
  }

  /// What somebody shows to say who he is.
  struct Credential {
    let holder: SessionTable.Holder
    /// `nil` for a key.
    let session: SessionHold?
    /// When the session ends by itself.
    var expiresAt: Instant?
  }

  /// What a request shows: `Authorization`, or else the cookie of a session.
  ///
  /// - Throws: 401 for nothing, and for a session that has ended; 403 for one that somebody else's
  ///   page makes use of.
  func credential(of head: RequestHead) throws(Denial) -> Credential {
    guard head.headers["authorization"].isEmpty else {
      guard let digest = head.bearerDigest else { throw Denial(WireError(.invalidAPIKey)) }
      return Credential(holder: .key(digest), session: nil)
    }
    guard case .token(let token) = sessionCookie(of: head) else {
      throw Denial(WireError(.invalidAPIKey))
    }
    // Before the token is looked at: who may not ask does not learn whether it is one.
    guard isOwn(head) else { throw Denial(.foreignPage) }
    guard let session = sessions.use(token) else { throw Denial(WireError(.invalidAPIKey)) }
    return Credential(
      holder: session.holder, session: SessionHold(sessions, token),
      expiresAt: sessions.end(of: session))
  }

  /// Ends the sessions of a key that has ended itself.
  func endSessions(of holder: SessionTable.Holder, in now: View) {
    guard case .key(let digest) = holder else { return }
    let record = now.state.keys.find(digest).map { now.state.keys[$0] }
    if record?.isLive(at: now.clock) != true { sessions.endAll(of: holder) }
  }
}

extension RequestHead {
  /// SHA-256 of the key in `Authorization: Bearer …` (RFC 6750, section 2.1).
  ///
  /// - Returns: `nil` if there is none, or more than one, or what is there can be none. What could
  ///   be one costs the same work, whatever it is.
  var bearerDigest: Digest? {
    guard let value = headers.only("authorization"), value.count <= Self.authorizationSizeMax
    else { return nil }
    let scheme = Array("bearer".utf8)
    guard value.count > scheme.count,
      zip(value, scheme).allSatisfy({ ($0 | 0x20) == $1 }), value[scheme.count] == 0x20
    else { return nil }
    let token = value[scheme.count...].drop { $0 == 0x20 }
    guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    return SHA256.digest(token.span)
  }

  private static var authorizationSizeMax: Int { 1_024 }

  /// A key in a query string stands in the logs of every proxy on the way.
  ///
  /// - Throws: 401 if there is one. It is not repeated.
  func requireNoSecretInQuery() throws(Denial) {
    guard let query else { return }
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(decoding: parts[0].map { $0 | 0x20 }, as: UTF8.self)
      let value = parts.count == 2 ? parts[1] : []
      guard !Self.namesOfSecrets.contains(name), !Self.looksLikeSecret(value) else {
        throw Denial(WireError(.invalidAPIKey))
      }
    }
  }

  /// In lower case, with the low line as it becomes in lower case.
  private static let namesOfSecrets: Set<String> = Set(
    [
      "authorization", "api_key", "apikey", "api-key", "access_token", "token", "bearer",
      "secret", "client_secret", "partner_api_key",
    ].map { String(decoding: $0.utf8.map { $0 | 0x20 }, as: UTF8.self) })

  /// The word of a kind and 43 letters of base64url: what the ledger makes, and nothing else.
  private static func looksLikeSecret(_ value: ArraySlice<UInt8>) -> Bool {
    KeyKind.allCases.contains { kind in
      let prefix = kind.prefix.utf8
      return value.count == prefix.count + 43 && value.starts(with: prefix)
        && value.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
          default: false
          }
        }
    }
  }
}
