import CohortFormat
package import CohortLedger
package import CohortModel
package import CohortWire

extension Service {
  /// `POST /ledger/preview`: what a write would answer now, writing nothing.
  ///
  /// Asks in addition for the permission of the write in it; a body of part 1 needs its keys.
  func preview(_ question: Question) throws -> Answered {
    _ = try question.query()
    let line = try RequestLine(json: question.object())
    let author: Author
    if line.match.kind.hasKeysInBody {
      author = try partner(of: line.match, line.body, question.head)
    } else if let permission = line.match.route.permission {
      author = try caller(of: question.head, needing: permission).author
    } else {
      throw WireError.notFound
    }
    let now = question.now
    let reply = reply(
      to: line, by: author, in: now, wantsResults: question.head.prefersRepresentation)
    return .object(at: now.end) {
      $0.asOf(now.asOfShape)
      $0.reply(reply)
    }
  }

  private func reply(
    to line: RequestLine, by author: Author, in now: View, wantsResults: Bool
  ) -> Reply {
    var request: WriteRequest?
    do {
      if line.match.kind == .importUsers {
        return try ledger.preview(ImportLines(previewing: line.body), by: author, in: now)
      }
      let write = try WriteRequest(line.match, body: line.body, wantsResults: wantsResults)
      request = write
      return try ledger.preview(write, by: author, in: now)
    } catch { return Denial(causedBy: error, at: request).error.reply }
  }
}

extension Ledger {
  /// The answer that a write would get now; a secret is null, because there is none yet.
  package func preview(
    _ request: WriteRequest, by author: Author, in now: View
  ) throws -> Reply {
    func replied(_ wish: Wish, frozen: FreezeAudience? = nil) throws -> Reply {
      let answer = try now.preview(Command(author: author, wish: wish))
      return request.reply(
        answer, at: now.end, ReplyContext(names: now.wireNames, frozen: frozen))
    }
    switch request.action {
    case .wish(let wish): return try replied(wish)
    case .nothing: return request.replyToNothing(at: now.end)
    case .issueKey(let key): return try replied(key.wish(digest: .unused()))
    case .enablePartner(let partner):
      switch partner.key {
      case .given(let secret):
        return try replied(partner.wish(digest: SHA256.digest(of: secret)))
      case .made: return try replied(partner.wish(digest: .unused()))
      case .learned: return try replied(partner.wish(digest: nil))
      }
    case .deleteAndErase(let users):
      return try replied(.deleteUsers(users, erase: mentions(of: users)))
    case .erase(let user):
      return try replied(.eraseUser(EraseUser(user: user, mentions: mentions(of: [user]))))
    case .forgetUnmatched(let before):
      let last = Instant(microseconds: before.microseconds - 1)
      let through = before > now.instant ? now.end : try view(asOf: .instant(last)).position
      return try replied(.forgetUnmatched(before: before, through: through))
    case .launch(let campaign, let version):
      let frozen = try audience(of: campaign, expecting: version, in: now)
      return try replied(.freezeAudience(frozen), frozen: frozen)
    }
  }

  /// The answer that a users import of one unit would get now.
  func preview(_ unit: ImportLines, by author: Author, in now: View) throws -> Reply {
    let answer = try now.preview(Command(author: author, wish: .importUsers(unit.lines)))
    guard case .importedUsers(let created, let completed, let unchanged, let errors) = answer
    else { preconditionFailure("a users import is answered as one") }
    let faults =
      unit.faults + errors.map { LineFault(line: $0.index, text: $0.refusal.description) }
    return UsersImportShape(
      created: created, completed: completed, unchanged: unchanged, refused: faults.count,
      faults: faults.sorted { $0.line < $1.line }, position: now.end
    ).reply
  }
}

extension Digest {
  /// Of a secret that nobody has.
  fileprivate static func unused() -> Digest { SHA256.digest(of: Secret.make(.rest)) }
}
