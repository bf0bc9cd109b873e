import CohortFormat
package import CohortLedger
package import CohortModel
package import CohortWire

extension Service {
  /// `POST /ledger/preview`: what a write would answer now, writing nothing.
  ///
  /// Asks in addition for the permission of the write in it; a body of part 1 needs its keys.
  func preview(_ question: Question) throws -> Answered {
    let line = try RequestLine(json: question.object())
    let author: Author
    if line.match.kind.hasKeysInBody {
      author = try partner(of: line.match, line.body, question.head)
    } else if let permission = line.match.route.permission {
      author = try caller(of: question.head, needing: permission).author
    } else {
      throw WireError.notFound
    }
    let reply = reply(
      to: line, by: author, wantsResults: question.head.prefersRepresentation)
    return .json(Reply(status: 200, body: reply.line), at: question.now.end)
  }

  private func reply(
    to line: RequestLine, by author: Author, wantsResults: Bool
  ) -> Reply {
    var request: WriteRequest?
    do {
      let write = try WriteRequest(line.match, body: line.body, wantsResults: wantsResults)
      request = write
      return try ledger.preview(write, by: author)
    } catch { return Denial(causedBy: error, at: request).error.reply }
  }
}

extension Ledger {
  /// The answer that a write would get now; a secret is null, because there is none yet.
  package func preview(_ request: WriteRequest, by author: Author) throws -> Reply {
    let now = now
    func replied(_ wish: Wish, frozen: FreezeAudience? = nil) throws -> Reply {
      let answer = try preview(Command(author: author, wish: wish))
      return request.reply(
        answer, at: now.end, ReplyContext(names: Names(now.state), frozen: frozen))
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
    case .launch(let campaign):
      let frozen = try audience(of: campaign, in: now)
      return try replied(.freezeAudience(frozen), frozen: frozen)
    }
  }
}

extension Digest {
  /// Of a secret that nobody has.
  fileprivate static func unused() -> Digest { SHA256.digest(of: Secret.make(.rest)) }
}
