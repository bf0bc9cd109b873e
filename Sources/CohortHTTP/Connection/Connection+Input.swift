extension Connection {
  /// Takes bytes as they came.
  mutating func received(
    _ bytes: Span<UInt8>, _ now: Now, _ desk: some Desk, into actions: inout [Action]
  ) {
    guard !isClosed else { return }
    if backlogStart < backlog.count {
      backlog.append(copying: bytes)
    } else {
      let used = consume(bytes, from: 0, now, desk, into: &actions)
      if used < bytes.count, !isClosed {
        backlog = bytes.extracting(used...).array()
        backlogStart = 0
      }
    }
    settle(now, desk, into: &actions)
  }

  /// How many of the next bytes belong to the body for certain, and can be put behind
  /// ``Connection/body`` without being looked at.
  var directly: Int {
    guard !isClosed, backlogStart == backlog.count, case .length(let rest) = framing else {
      return 0
    }
    return switch input {
    case .gathering: ahead(rest)
    case .receiving where hasRoom: min(Int(rest), settings.receiverBytes - body.count)
    case .head, .receiving, .skipping, .discarding, .ended: 0
    }
  }

  /// How many of so many bytes room is made for at once: a client that announces a large body and
  /// sends none of it takes no memory.
  private func ahead(_ length: UInt64) -> Int {
    min(Int(length), max(settings.aheadBytes, body.count))
  }

  /// Takes note of `count` bytes that were put behind ``Connection/body``, and takes those that
  /// came with them.
  mutating func received(
    directly count: Int, then bytes: Span<UInt8>, _ now: Now, _ desk: some Desk,
    into actions: inout [Action]
  ) {
    if count > 0, case .length(let rest) = framing {
      counted(count, now)
      framing = .length(rest - UInt64(count))
      if rest == UInt64(count) { bodyIsWhole(now, into: &actions) }
    }
    received(bytes, now, desk, into: &actions)
  }

  /// The peer has sent its last byte.
  ///
  /// It may still read.
  mutating func peerEnded(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    guard !isClosed, !peerHasEnded else { return }
    peerHasEnded = true
    switch input {
    case .gathering, .receiving:
      gathering = nil
      body = []
      dropIntake(into: &actions)
      if let last = turns.popLast() { drop(last, now, into: &actions) }
    case .head, .skipping, .discarding, .ended: break
    }
    parser = RequestParser()
    input = .ended
    settle(now, desk, into: &actions)
  }

  /// Goes on at `start`, as far as it may.
  mutating func consume(
    _ bytes: Span<UInt8>, from start: Int, _ now: Now, _ desk: some Desk,
    into actions: inout [Action]
  ) -> Int {
    var offset = start
    while offset < bytes.count {
      switch input {
      case .head:
        guard parser.isInside || mayBegin else { return offset }
        if !parser.isInside { headBegan = now.microseconds }
        do {
          if let head = try parser.next(bytes, from: &offset) {
            begin(head, now, desk, into: &actions)
          }
        } catch {
          refuse(error, now, into: &actions)
        }
      case .gathering, .receiving, .skipping:
        let before = offset
        takeBody(bytes, from: &offset, now, into: &actions)
        if offset == before, case .receiving = input { return offset }
      case .discarding:
        discarded += bytes.count - offset
        discardedAt = now.microseconds
        if discarded > settings.lingerBytes { end(now, reset: false, into: &actions) }
        return bytes.count
      case .ended:
        return bytes.count
      }
    }
    return offset
  }

  private mutating func begin(
    _ parsed: ParsedHead, _ now: Now, _ desk: some Desk, into actions: inout [Action]
  ) {
    let head = RequestHead(
      method: parsed.method, path: parsed.path, query: parsed.query, headers: parsed.headers,
      peer: peer, number: desk.number())
    let turn = Turn(
      id: nextTurn, head: head, isHead: parsed.method == .head, isOneZero: parsed.isOneZero,
      began: headBegan, closes: !parsed.keepsAlive)
    nextTurn += 1
    bodySince = now.microseconds
    bodyProgress = 0
    switch parsed.framing {
    case .none: framing = .length(0)
    case .length(let length): framing = .length(length)
    case .chunked: framing = .chunked(ChunkedDecoder())
    }
    begin(desk.plan(head), turn, parsed, now, into: &actions)
  }

  private mutating func begin(
    _ plan: Plan, _ begun: Turn, _ parsed: ParsedHead, _ now: Now, into actions: inout [Action]
  ) {
    var turn = begun
    switch plan {
    case .telling(let fields, let plan):
      turn.faultFields += fields
      begin(plan, turn, parsed, now, into: &actions)
    case .answer(let response):
      turn.stage = .answered(response)
      turns.append(turn)
      skip(parsed, answeredWith: response)
    case .collect(let limit, let place, let handler):
      if case .length(let length) = parsed.framing, length > UInt64(max(0, limit)) {
        turns.append(turn)
        gathering = Gathering(turn: turn.id, limit: limit, place: place, handler: handler)
        input = .gathering
        refuse(.bodyTooLarge, now, into: &actions)
        return
      }
      turn.wantsContinue = parsed.expectsContinue
      turns.append(turn)
      gathering = Gathering(turn: turn.id, limit: limit, place: place, handler: handler)
      input = .gathering
      if case .length(let length) = parsed.framing { body.reserveCapacity(ahead(length)) }
      if parsed.framing == .none { bodyIsWhole(now, into: &actions) }
    case .receive(let receiver):
      turn.wantsContinue = parsed.expectsContinue
      turns.append(turn)
      intake = Intake(turn: turn.id, receiver: receiver)
      input = .receiving
      if parsed.framing == .none { bodyIsWhole(now, into: &actions) }
    }
  }

  /// Passes over the body of a request that is answered without it.
  ///
  /// A client that asked first may send its body all the same or not, and nobody can tell which:
  /// the connection ends. So it does if too much would have to be read.
  private mutating func skip(_ head: ParsedHead, answeredWith response: Response) {
    let last = turns.count - 1
    switch head.framing {
    case .none: break
    case .length(let length):
      if head.expectsContinue || length > UInt64(settings.unwantedBytes) {
        turns[last].closes = true
      }
    case .chunked:
      if head.expectsContinue { turns[last].closes = true }
    }
    if turns[last].closes || response.closes {
      turns[last].closes = true
      input = .discarding
    } else {
      input = head.framing == .none ? .head : .skipping(settings.unwantedBytes)
    }
  }

  private mutating func takeBody(
    _ bytes: Span<UInt8>, from offset: inout Int, _ now: Now, into actions: inout [Action]
  ) {
    if case .receiving = input, !hasRoom { return }
    switch framing {
    case .length(let rest):
      var count = Int(min(rest, UInt64(bytes.count - offset)))
      if case .receiving = input { count = min(count, settings.receiverBytes - body.count) }
      if case .skipping = input {
      } else {
        body.append(copying: bytes.extracting(offset..<offset + count))
      }
      offset += count
      counted(count, now)
      framing = .length(rest - UInt64(count))
      if rest == UInt64(count) { bodyIsWhole(now, into: &actions) }
    case .chunked(var decoder):
      do {
        let start = offset
        let piece = try decoder.next(bytes, from: &offset)
        framing = .chunked(decoder)
        switch piece {
        case .more: progressed(offset - start, now)
        case .data(let range): try take(bytes.extracting(range), now)
        case .end: bodyIsWhole(now, into: &actions)
        }
      } catch {
        refuse(error, now, into: &actions)
      }
    }
  }

  /// Takes bytes out of a chunk.
  private mutating func take(_ bytes: Span<UInt8>, _ now: Now) throws(HTTPFault) {
    counted(bytes.count, now)
    switch input {
    case .skipping(let rest):
      guard bytes.count <= rest else { throw .bodyTooLarge }
      input = .skipping(rest - bytes.count)
    case .gathering:
      guard bytes.count <= (gathering?.limit ?? 0) - body.count else { throw .bodyTooLarge }
      body.append(copying: bytes)
    case .head, .receiving, .discarding, .ended:
      body.append(copying: bytes)
    }
  }

  private mutating func counted(_ count: Int, _ now: Now) {
    if case .skipping = input {
      // Its turn may have left already.
    } else if !turns.isEmpty {
      turns[turns.count - 1].bytesIn += UInt64(count)
    }
    progressed(count, now)
  }

  private mutating func progressed(_ count: Int, _ now: Now) {
    bodyProgress += count
    if bodyProgress >= settings.progressBytes {
      bodyProgress = 0
      bodySince = now.microseconds
    }
  }

  /// The last byte of the body has come.
  private mutating func bodyIsWhole(_ now: Now, into actions: inout [Action]) {
    switch input {
    case .gathering:
      guard let done = gathering, let head = turns.last?.head else { return }
      let request = Request(head: head, body: body)
      body = []
      gathering = nil
      turns[turns.count - 1].wantsContinue = false
      actions.append(.run(done.turn, request, on: done.place, done.handler))
      nextHead()
    case .receiving:
      intake?.isWhole = true
      turns[turns.count - 1].wantsContinue = false
      deliver(now, into: &actions)
    case .skipping: nextHead()
    case .head, .discarding, .ended: break
    }
  }

  private mutating func nextHead() {
    input = turns.last?.closes == true ? .discarding : .head
  }

  // MARK: - Receivers

  /// Hands on what has come, if the receiver has nothing in hand.
  mutating func deliver(_ now: Now, into actions: inout [Action]) {
    guard let waiting = intake, !waiting.isBusy, !waiting.isLost else { return }
    if !body.isEmpty {
      intake?.isBusy = true
      actions.append(.take(waiting.turn, waiting.receiver, body))
      body = []
    } else if waiting.isWhole {
      intake = nil
      actions.append(.finish(waiting.turn, waiting.receiver))
      nextHead()
    }
  }

  /// The receiver has taken what it was given, and perhaps answers.
  mutating func taken(
    _ id: UInt64, _ response: Response?, _ now: Now, _ desk: some Desk,
    into actions: inout [Action]
  ) {
    guard let current = intake, current.turn == id, !isClosed else { return }
    // Nobody is late who was kept waiting.
    if !hasRoom { bodySince = now.microseconds }
    intake?.isBusy = false
    if let response {
      intake = nil
      guard !current.isLost, let index = index(of: id) else { return }
      body = []
      input = .discarding
      turns[index].closes = true
      turns[index].stage = .answered(response)
    } else if current.isLost {
      dropIntake(into: &actions)
    }
    settle(now, desk, into: &actions)
  }

  // MARK: - Faults

  /// Answers what cannot be served, and reads no further request.
  mutating func refuse(_ fault: HTTPFault, _ now: Now, into actions: inout [Action]) {
    actions.append(.fault(fault))
    switch input {
    case .gathering, .receiving:
      gathering = nil
      body = []
      dropIntake(into: &actions)
      let last = turns.count - 1
      turns[last].wantsContinue = false
      turns[last].closes = true
      var response = fault.response
      response.headers += turns[last].faultFields
      turns[last].stage = .answered(response)
    case .skipping:
      // Its answer may be on its way: there is nothing to add but the end.
      if turns.isEmpty || written == turns.count {
        isLast = true
      } else {
        turns[turns.count - 1].closes = true
      }
    case .head:
      turns.append(
        Turn(
          id: nextTurn, head: nil, isHead: parser.isHead,
          began: parser.isInside ? headBegan : now.microseconds, closes: true,
          stage: .answered(fault.response)))
      nextTurn += 1
    case .discarding, .ended: return
    }
    parser = RequestParser()
    input = .discarding
    dropBacklogUnlessReading()
  }

  /// While the backlog is being read, `settle` lets go of it when it has been read to its end.
  private mutating func dropBacklogUnlessReading() {
    if backlogStart == backlog.count { dropBacklog() }
  }
}
