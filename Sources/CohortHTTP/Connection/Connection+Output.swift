extension Connection {
  /// `count` bytes of the outbox have left.
  mutating func sent(
    _ count: Int, _ now: Now, _ desk: some Desk, into actions: inout [Action]
  ) {
    guard !isClosed else { return }
    outbox.remove(count)
    sentTotal += UInt64(count)
    writeProgress += count
    if writeProgress >= settings.progressBytes || outbox.isEmpty {
      writeProgress = 0
      writeSince = now.microseconds
    }
    var gone = 0
    while gone < written, case .leaving(let end) = turns[gone].stage, end <= sentTotal {
      actions.append(.note(turns[gone].summary(peer, at: now, isComplete: true)))
      gone += 1
    }
    if gone > 0 {
      turns.removeFirst(gone)
      written -= gone
      idleSince = now.microseconds
    }
    settle(now, desk, into: &actions)
  }

  /// Writes all answers whose turn it is.
  mutating func advance(_ now: Now, into actions: inout [Action]) {
    while !isClosed, written < turns.count {
      switch turns[written].stage {
      case .waiting:
        if turns[written].wantsContinue {
          turns[written].wantsContinue = false
          bodySince = now.microseconds
          outbox.append(ResponseWriter.goOn)
        }
        return
      case .answered(let response): write(response, now, into: &actions)
      case .streaming:
        pull(into: &actions)
        return
      case .leaving: written += 1
      }
    }
  }

  private mutating func write(_ response: Response, _ now: Now, into actions: inout [Action]) {
    let turn = turns[written]
    let hasNoBody =
      response.status < 200 || response.status == 204 || response.status == 304
    let framing: ResponseWriter.Framing =
      switch response.body {
      case _ where hasNoBody: .none
      case .bytes(let bytes): .length(UInt64(bytes.count))
      case .source(_, .some(let length)): .length(length)
      case .source(_, .none): turn.isOneZero ? .untilClose : .chunked
      }
    let isFinal = written == turns.count - 1 && (isStopping || peerHasEnded)
    let closes = turn.closes || response.closes || isFinal || framing == .untilClose
    if closes { cut(now, into: &actions) }
    turns[written].status = response.status
    turns[written].closes = closes
    var head = ResponseWriter.head(
      response, framing: framing,
      connection: closes ? "close" : turn.isOneZero ? "keep-alive" : nil, date: now.date,
      extra: 256)
    if case .source(let source, _) = response.body {
      outbox.append(head)
      if turn.isHead || hasNoBody {
        actions.append(.end(source))
      } else {
        var remaining: UInt64 = 0
        if case .length(let length) = framing { remaining = length }
        stream = Stream(
          turn: turn.id, source: source, framing: framing, remaining: remaining)
        turns[written].stage = .streaming
        return
      }
    } else if case .bytes(let bytes) = response.body {
      if turn.isHead || hasNoBody {
        outbox.append(head)
      } else {
        turns[written].bytesOut = UInt64(bytes.count)
        if bytes.count <= Outbox.gatherMax {
          head.append(contentsOf: bytes)
          outbox.append(head)
        } else {
          outbox.append(head)
          outbox.append(bytes)
        }
      }
    }
    turns[written].stage = .leaving(outbox.total)
    written += 1
  }

  /// Makes the turn that is being written the last.
  private mutating func cut(_ now: Now, into actions: inout [Action]) {
    isLast = true
    if written + 1 < turns.count {
      dropIntake(into: &actions)
      gathering = nil
      body = []
      for turn in turns[(written + 1)...] { drop(turn, now, into: &actions) }
      turns.removeSubrange((written + 1)...)
    }
    parser = RequestParser()
    if case .ended = input {} else { input = .discarding }
    dropBacklog()
  }

  // MARK: - Sources

  private mutating func pull(into actions: inout [Action]) {
    guard let current = stream, !current.isAsked, current.waitsUntil == nil,
      outbox.count < settings.sourceBytes
    else { return }
    stream?.isAsked = true
    stream?.isWoken = false
    actions.append(.pull(current.turn, current.source))
  }

  /// The source has made a part.
  mutating func gave(
    _ id: UInt64, _ part: BodyPart, _ now: Now, _ desk: some Desk, into actions: inout [Action]
  ) {
    guard !isClosed, let current = stream, current.turn == id, current.isAsked else { return }
    stream?.isAsked = false
    if outbox.isEmpty {
      writeSince = now.microseconds
      writeProgress = 0
    }
    switch part {
    case .bytes(let bytes):
      if !put(bytes) { end(now, reset: true, into: &actions) }
    case .wait(let milliseconds):
      if !current.isWoken {
        let wait = Int64(max(0, min(milliseconds, 86_400_000))) * 1_000
        stream?.waitsUntil = now.microseconds + wait
      }
    case .end:
      guard current.framing == .chunked || current.remaining == 0 else {
        end(now, reset: true, into: &actions)
        return
      }
      if current.framing == .chunked { outbox.append(ResponseWriter.lastChunk) }
      stream = nil
      actions.append(.end(current.source))
      turns[written].stage = .leaving(outbox.total)
      written += 1
      // Nothing may be left to send: what was written last may have left before the source ended.
      if outbox.isEmpty { sent(0, now, desk, into: &actions) }
    case .fail:
      end(now, reset: true, into: &actions)
    }
    settle(now, desk, into: &actions)
  }

  /// Puts a part into the outbox.
  ///
  /// - Returns: Whether no more has come than was promised.
  private mutating func put(_ bytes: [UInt8]) -> Bool {
    guard let framing = stream?.framing, !bytes.isEmpty else { return true }
    turns[written].bytesOut += UInt64(bytes.count)
    switch framing {
    case .chunked:
      outbox.append(ResponseWriter.chunkHead(bytes.count))
      outbox.append(bytes)
      outbox.append([Byte.carriageReturn, Byte.lineFeed])
    case .length:
      guard let remaining = stream?.remaining, UInt64(bytes.count) <= remaining else {
        return false
      }
      stream?.remaining = remaining - UInt64(bytes.count)
      outbox.append(bytes)
    case .none, .untilClose:
      outbox.append(bytes)
    }
    return true
  }

  /// Somebody has something for the source.
  mutating func woken(
    _ id: UInt64, _ now: Now, _ desk: some Desk, into actions: inout [Action]
  ) {
    guard !isClosed, let current = stream, current.turn == id else { return }
    if current.isAsked {
      stream?.isWoken = true
    } else {
      stream?.waitsUntil = nil
      settle(now, desk, into: &actions)
    }
  }
}
