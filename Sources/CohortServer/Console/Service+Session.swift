import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

// Signing in to the console, asking who is signed in, and signing out: `/session`.

extension Service {
  /// `POST /session`: signs in with the code of a link, or with a REST key.
  func planSignIn(_ head: RequestHead) throws(Denial) -> Plan {
    guard isOwn(head) else { throw Denial(.foreignPage) }
    try head.requireJSON()
    try refuseParameters(.signIn, head)
    return .collect(limit: Self.proofSizeMax, on: .loop) { [self] request, exchange in
      do throws(Denial) {
        exchange.answer(try signIn(request))
      } catch { exchange.answer(response(to: error)) }
    }
  }

  private func signIn(_ request: Request) throws(Denial) -> Response {
    let head = request.head
    let proof = try Denial.of { () throws(WireError) in
      try SignInProof(body: try JSONValue(body: request.body))
    }
    let holder: SessionTable.Holder
    switch proof {
    case .code(let code):
      // A right code is never slowed down by wrong ones.
      guard sessions.redeem(code.bytes) else {
        var denial = denial(.invalidAPIKey, to: head)
        if denial.error.status == 401 { denial.error = .usedLink }
        throw denial
      }
      holder = .operator
    case .key(let secret): holder = .key(SHA256.digest(of: secret.bytes))
    }
    let now = ledger.now
    guard let identity = identity(of: holder, from: address(of: head), in: now) else {
      throw denial(.invalidAPIKey, to: head)
    }
    // Whoever signs in anew has no use for the session that he had.
    if case .token(let old) = sessionCookie(of: head) { sessions.end(old) }
    let (token, session) = sessions.begin(for: holder)
    visits.note(identity.key, in: head.number)
    var answered = answer(identity, until: sessions.end(of: session), in: now)
    answered.headers.append(
      cookie(String(decoding: token, as: UTF8.self), for: SessionTable.sessionLife, to: head))
    return response(answered)
  }

  /// `GET /session`: who is signed in, or shows a key.
  func session(_ head: RequestHead) throws(Denial) -> Response {
    try refuseParameters(.session, head)
    let shown = try credential(of: head)
    let now = ledger.now
    guard let identity = identity(of: shown.holder, from: address(of: head), in: now) else {
      guard shown.session != nil else { throw denial(.invalidAPIKey, to: head) }
      endSessions(of: shown.holder, in: now)
      throw Denial(WireError(.invalidAPIKey))
    }
    visits.note(identity.key, in: head.number)
    return response(answer(identity, until: shown.expiresAt, in: now))
  }

  /// `DELETE /session`: signs out; the second time too.
  func signOut(_ head: RequestHead) throws(Denial) -> Response {
    guard isOwn(head) else { throw Denial(.foreignPage) }
    try refuseParameters(.signOut, head)
    if case .token(let token) = sessionCookie(of: head) { sessions.end(token) }
    var answered = Answered.object(at: ledger.now.end) { $0.member("message", "success") }
    answered.headers.append(cookie("", for: 0, to: head))
    return response(answered)
  }

  // MARK: Parts

  private var takesWrites: Bool {
    if case .writable = ledger.report.condition { true } else { false }
  }

  /// Who a session or a key stands for.
  private struct Identity {
    let key: KeyID
    let label: Text
    let permissions: Permissions
  }

  /// - Returns: `nil` for a key that opens nothing from there.
  private func identity(
    of holder: SessionTable.Holder, from address: NetworkAddress?, in now: View
  ) -> Identity? {
    guard case .key(let digest) = holder else {
      return Identity(key: KeyID(0), label: "operator", permissions: .all)
    }
    guard let key = now.state.keys.find(digest) else { return nil }
    let record = now.state.keys[key]
    guard record.issued.kind == .rest, record.isLive(at: now.clock), record.admits(address) else {
      return nil
    }
    return Identity(
      key: key, label: record.issued.label, permissions: record.issued.permissions)
  }

  private func answer(_ identity: Identity, until end: Instant?, in now: View) -> Answered {
    let shape = SessionShape(
      key: identity.key, label: identity.label, permissions: identity.permissions, expiresAt: end,
      takesWrites: takesWrites, asOf: now.asOfShape)
    var json = JSONWriter()
    json.session(shape)
    return .json(Reply(status: 200, body: json.bytes), at: now.end)
  }

  /// Sent back to this server only, and never told to a script.
  private func cookie(
    _ value: String, for life: Int64, to head: RequestHead
  ) -> (name: String, value: String) {
    let secure = isEncrypted(head) ? "; Secure" : ""
    return (
      "Set-Cookie",
      "\(sessionCookieName(head))=\(value); Path=/; Max-Age=\(life / 1_000_000); HttpOnly; "
        + "SameSite=Strict\(secure)"
    )
  }

  private func refuseParameters(_ kind: RouteKind, _ head: RequestHead) throws(Denial) {
    _ = try Denial.of { () throws(WireError) in try Query(head.query, for: kind) }
  }

  /// Of the body, in bytes.
  private static var proofSizeMax: Int { 4_096 }
}

extension WireError {
  /// A browser sent it, and not from the page that is signed in.
  static let foreignPage = WireError(
    403,
    "This request uses the console's session, and was not sent by the console's page. "
      + "Send it with a key in 'Authorization', or from there, with 'Cohort-Console: 1'.")

  static let usedLink = WireError(
    401,
    "This sign-in link was used already, or is older than 10 minutes. "
      + "Print a new one with 'cohort console'.")
}
