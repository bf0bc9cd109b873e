package import CohortFormat
package import CohortLedger
import CohortLog
package import CohortModel
package import CohortWire

/// What a write came to: the answer of the contract, and what it was made from.
package struct CarriedOut: Sendable {
  package let committed: Committed
  package let reply: Reply
  /// Shown this once.
  package var secret: [UInt8]?
  /// What a launch froze.
  package var frozen: FreezeAudience?
  /// Those that a partner has beside the key that it was enabled with.
  package var otherKeys: [KeyID] = []
}

extension Ledger {
  /// Does what a request asks for, and waits until it is durable.
  ///
  /// - Throws: ``LedgerError``.
  package func carryOut(
    _ request: WriteRequest, by author: Author = .local, _ idempotency: Idempotency? = nil
  ) throws -> CarriedOut {
    func submit(_ wish: Wish) throws(LedgerError) -> Committed {
      try self.submit(Command(author: author, wish: wish, idempotency: idempotency))
    }
    func carried(
      _ committed: Committed, secret: [UInt8]? = nil, frozen: FreezeAudience? = nil,
      erasure: ErasureShape? = nil, otherKeys: [KeyID] = []
    ) -> CarriedOut {
      let context = ReplyContext(
        names: now.wireNames, secret: secret, frozen: frozen, erasure: erasure,
        otherKeys: otherKeys)
      return CarriedOut(
        committed: committed,
        reply: request.reply(committed.answer, at: committed.position, context),
        secret: committed.isRecorded ? secret : nil,
        frozen: frozen, otherKeys: otherKeys)
    }

    switch request.action {
    case .wish(let wish): return carried(try submit(wish))
    case .nothing:
      let now = now
      if let idempotency { try now.requireUnused(idempotency, by: author) }
      let nothing = Committed(
        position: now.end, isRecorded: false, time: now.instant,
        answer: .items(processed: 0, errors: []))
      return CarriedOut(committed: nothing, reply: request.replyToNothing(at: now.end))
    case .issueKey(let key):
      let secret = Secret.make(key.kind)
      return carried(try submit(key.wish(digest: SHA256.digest(of: secret))), secret: secret)
    case .enablePartner(let partner):
      let secret: [UInt8]?
      switch partner.key {
      case .given(let given): secret = given
      case .made: secret = Secret.make(.partner)
      case .learned: secret = nil
      }
      let digest = secret.map { SHA256.digest(of: $0) }
      let committed = try submit(partner.wish(digest: digest))
      return carried(
        committed, secret: partner.key == .made ? secret : nil,
        otherKeys: now.partnerKeys(beside: committed.answer))
    case .deleteAndErase(let users):
      let committed = try deleteAndErase(users, by: author, idempotency)
      return carried(committed, erasure: ErasureShape(committed, now))
    case .erase(let user):
      let receipt = try erase(user, by: author, idempotency)
      let erased = Answer.erasedUser(
        receipt.user, texts: [], earlierBearers: receipt.earlierBearers)
      let committed = Committed(
        position: receipt.position, isRecorded: !receipt.isRepeated, time: receipt.time,
        answer: receipt.kept.map { .repeated($0, receipt.position) } ?? erased)
      return carried(committed, erasure: ErasureShape(receipt))
    case .forgetUnmatched(let before):
      return carried(try forgetUnmatched(before: before, by: author, idempotency).committed)
    case .launch(let campaign, let version):
      // Who gives no key of his own launches each time he asks.
      let committed = try launch(
        campaign, expecting: version, by: author, idempotency ?? .unused())
      let record =
        switch committed.answer {
        case .frozeAudience(let send): now.state.campaigns[send]
        // A double click is answered as the first was: what it froze is no secret and does not go.
        case .repeated: now.state.campaigns.send(at: committed.position)
        default: SendRecord?.none
        }
      return carried(committed, frozen: record.map { FreezeAudience($0.frozen) })
    }
  }
}

extension Ledger {
  /// The same without waiting.
  ///
  /// - `patience`: Waits for what is more than one decision of the writer.
  /// - `done`: Called once; on a thread of the ledger, of `patience`, or on this one.
  func carryOut(
    _ request: WriteRequest, by author: Author, _ idempotency: Idempotency?,
    _ patience: PatientThreads,
    _ done: @escaping @Sendable (Result<CarriedOut, any Error>) -> Void
  ) {
    guard case .wish(let wish) = request.action else {
      do throws(LedgerError) {
        try patience.run {
          done(Result { try self.carryOut(request, by: author, idempotency) })
        }
      } catch { done(.failure(error)) }
      return
    }
    let command = Command(author: author, wish: wish, idempotency: idempotency)
    submit(command) { result in
      done(
        result.map { committed in
          let context = ReplyContext(names: self.now.wireNames)
          return CarriedOut(
            committed: committed,
            reply: request.reply(committed.answer, at: committed.position, context))
        }.mapError { $0 })
    }
  }
}

extension View {
  /// Nothing is kept of a request that records nothing, so what is kept under its idempotency key
  /// is of another.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)``.
  fileprivate func requireUnused(
    _ idempotency: Idempotency, by author: Author
  ) throws(LedgerError) {
    do throws(Refusal) {
      let key = try state.check(author, at: instant)
      guard state.receipts.find(idempotency.key, of: key) == nil else {
        throw .idempotencyKeyReused
      }
    } catch { throw .refused(error, at: end) }
  }
}

extension Idempotency {
  /// A key that nobody has used.
  fileprivate static func unused() -> Idempotency {
    let random = SHA256.digest(of: SystemRandomSource().bytes(32))
    return Idempotency(key: Array("terminal-\(random)".utf8), fingerprint: random)
  }
}

extension FreezeAudience {
  fileprivate init(_ frozen: AudienceFrozen) {
    self.init(
      campaign: frozen.campaign, version: frozen.version, position: frozen.position,
      instant: frozen.instant, segments: frozen.segments, audience: frozen.audience,
      size: frozen.size, digest: frozen.digest)
  }
}

extension View {
  /// The live keys of a partner, but the one that it was enabled with.
  fileprivate func partnerKeys(beside answer: Answer) -> [KeyID] {
    guard case .enabledPartner(let partner, .some(let key)) = answer else { return [] }
    return keys.filter {
      $0.issued.kind == .partner && $0.issued.partner == partner && $0.issued.key != key
        && $0.isLive(at: instant)
    }.map(\.issued.key)
  }
}

extension ErasureShape {
  /// The receipt of a deletion that erased, `nil` if it recorded nothing.
  fileprivate init?(_ committed: Committed, _ view: View) {
    guard committed.isRecorded, case .deletedUsers(let users, _) = committed.answer else {
      return nil
    }
    self.init(
      user: users.count == 1 ? users[0].user : nil, position: committed.position,
      time: committed.time, textCount: users.reduce(0) { $0 + $1.texts.count },
      treeSize: view.treeHead.size, root: view.treeHead.root,
      notReached: ErasureReceipt.notReached)
  }

  package init(_ receipt: ErasureReceipt) {
    self.init(
      user: receipt.user, position: receipt.position, time: receipt.time,
      textCount: receipt.textCount, treeSize: receipt.treeSize, root: receipt.root,
      earlierBearers: receipt.earlierBearers, isRepeated: receipt.isRepeated,
      notReached: ErasureReceipt.notReached)
  }
}

extension SHA256 {
  package static func digest(of bytes: [UInt8]) -> Digest {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.digest()
  }
}
