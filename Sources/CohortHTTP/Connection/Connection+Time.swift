extension Connection {
  /// In microseconds: when ``timePassed(_:_:into:)`` is to be called at the latest; `nil` if
  /// nothing is waited for.
  var deadline: Int64? {
    guard !isClosed else { return nil }
    var first = Int64.max
    for limit in [writeLimit, lingerLimit, inputLimit, stream?.waitsUntil] {
      if let limit { first = min(first, limit) }
    }
    return first == .max ? nil : first
  }

  private var writeLimit: Int64? {
    outbox.isEmpty ? nil : writeSince + Int64(settings.writeMilliseconds) * 1_000
  }

  /// A socket that is closed while the client still sends tells it so with a reset, and that may
  /// cost it the answer: so we wait for its end.
  ///
  /// A client that is silent may never end; a server that stops waits no longer for it.
  private var lingerLimit: Int64? {
    guard isShut else { return nil }
    let longest = shutSince + Int64(settings.lingerMilliseconds) * 1_000
    guard isStopping else { return longest }
    return min(longest, max(shutSince, discardedAt) + Int64(settings.quietMilliseconds) * 1_000)
  }

  private var inputLimit: Int64? {
    switch input {
    case .head:
      if parser.isInside { return headBegan + Int64(settings.headMilliseconds) * 1_000 }
      guard turns.isEmpty, outbox.isEmpty else { return nil }
      return idleSince + Int64(settings.idleMilliseconds) * 1_000
    case .gathering, .skipping, .receiving:
      // Nobody is late who waits for us.
      guard wantsInput, turns.last?.wantsContinue != true else { return nil }
      return bodySince + Int64(settings.bodyMilliseconds) * 1_000
    case .discarding, .ended: return nil
    }
  }

  /// Ends what has waited too long.
  ///
  /// Too early is harmless.
  mutating func timePassed(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    guard !isClosed else { return }
    if let writeLimit, writeLimit <= now.microseconds {
      end(now, reset: true, into: &actions)
      return
    }
    if let lingerLimit, lingerLimit <= now.microseconds {
      end(now, reset: false, into: &actions)
      return
    }
    if let waitsUntil = stream?.waitsUntil, waitsUntil <= now.microseconds {
      stream?.waitsUntil = nil
    }
    if let inputLimit, inputLimit <= now.microseconds {
      switch input {
      case .head where parser.isInside: refuse(.headTooSlow, now, into: &actions)
      case .head: end(now, reset: false, into: &actions)
      case .gathering, .receiving, .skipping: refuse(.bodyTooSlow, now, into: &actions)
      case .discarding, .ended: break
      }
    }
    settle(now, desk, into: &actions)
  }
}
