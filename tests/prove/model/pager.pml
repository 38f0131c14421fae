/* The pager's protocol for one referral: open, close, climb, claim with a lease, send, mark.

   Two pagers look at the same tables. Each may die with a page in its hands (CRASHES in all), or stand still for
   longer than its lease (PAUSES). The provider takes a page or does not, its answer may be lost (LOST_ANSWERS), and
   what it took may be reported as failed: early, late or never; a copy that rings twice, or not at all, changes
   nothing here, because only a human answer stops the clock. People accept at any moment or never. There are no
   seconds: a timer comes due some time, the lease of the dead ends some time.

   A transaction is one atomic step. Opening, closing and climbing are three of them in the product; each asks the
   tables anew, so nothing can happen between them that could not happen before or after.

   Broken on purpose by one of: MARK_FIRST, NO_LEASE_EXPIRY, NO_FENCE, BLIND_CLAIM, NO_HURRY_NO_TIMER, READ_CHECK_SAVE. */

#ifndef CRASHES
#define CRASHES 3
#endif
#ifndef PAUSES
#define PAUSES 1
#endif
#ifndef LOST_ANSWERS
#define LOST_ANSWERS 1
#endif
#ifndef WATCHED
#define WATCHED 0                      /* the rung whose page is looked at */
#endif
#define TRIES 2
#define RUNGS 2
#define PAGERS 2
#define NOBODY 254
#define DEAD 255

mtype = { none, due, sending, sent, failed, cancelled };   /* the fate of a page */
mtype = { off, future, ripe };                             /* the timer of the next rung */
mtype = { accepted, again, refused };                      /* what the provider said */

/* the referral, and its escalation */
bool waiting = true;
bool opened, closed, alarm;
byte next_rung;
mtype timer = off;

/* one page for each rung */
mtype fate[RUNGS] = none;
byte holder[RUNGS] = NOBODY;                   /* whose attempt counts: a pager's number, NOBODY or DEAD; this is the fence */
bool leased[RUNGS];
byte tries[RUNGS];
bool taken[RUNGS];                     /* this attempt, by the provider */
bool reported[RUNGS];                  /* as failed, by the provider, before the pager had marked it */

/* what the world saw; no step of a pager reads these */
byte acceptances, crashes, pauses, lost_answers;
byte copies;                           /* of the watched page, that the provider took */

#define open_now (opened && !closed)
#define to_send(p) (fate[p] == due || (fate[p] == sending && !leased[p]))
#define to_look ((waiting && !opened) || (open_now && !waiting) || (open_now && waiting && timer == ripe) \
  || (closed && (to_send(0) || to_send(1))))
#ifdef BLIND_CLAIM
#define may_claim true                 /* broken: asks nobody whether the page is still wanted */
#else
#define may_claim open_now
#endif
#define to_claim (may_claim && (to_send(0) || to_send(1)))

/* The last rung has failed to reach anybody: the next one at once. */
inline hurry(p) {
  if
  :: open_now && !alarm && p + 1 == next_rung -> timer = ripe
  :: else
  fi
}

inline look() {
  if
  :: waiting && !opened -> opened = true; timer = ripe
  :: else
  fi;
  if
  :: open_now && !waiting ->
     closed = true; timer = off;
     if :: fate[0] == due -> fate[0] = cancelled :: else fi;
     if :: fate[1] == due -> fate[1] = cancelled :: else fi
  :: open_now && waiting && timer == ripe ->
     timer = future;                   /* the next rung's, or the alarm's next ring */
     if
     :: next_rung < RUNGS -> fate[next_rung] = due; next_rung++
     :: else -> alarm = true
     fi
  :: else
  fi;
#ifndef BLIND_CLAIM
  if :: closed && to_send(0) -> fate[0] = cancelled :: else fi;
  if :: closed && to_send(1) -> fate[1] = cancelled :: else fi;
#endif
  skip
}

inline claim() {
  if
  :: to_claim && to_send(0) -> page = 0
  :: to_claim && !to_send(0) -> page = 1
  :: else
  fi;
  if
  :: page < RUNGS ->
     assert(!closed && !began_settled);   /* a tick that began after the answer sends nothing */
     fate[page] = sending; leased[page] = true; holder[page] = _pid; taken[page] = false;
     if :: tries[page] < TRIES -> tries[page]++ :: else fi
  :: else
  fi
}

inline took(p) {
  taken[p] = true;
  if :: p == WATCHED -> copies++ :: else fi;
  assert(copies <= 1 + crashes + pauses + lost_answers)
}

inline send() {
  if
  :: d_step { took(page); outcome = accepted }
  :: d_step { lost_answers < LOST_ANSWERS -> lost_answers++; took(page); outcome = again }
  :: d_step { outcome = again }         /* never got there */
  :: d_step { outcome = refused }
  fi
}

#ifdef NO_FENCE
#define still_mine true                /* broken: a pager thought dead has the last word */
#else
#define still_mine (fate[page] == sending && holder[page] == _pid)
#endif

inline mark() {
  if
  :: still_mine ->
     leased[page] = false; holder[page] = NOBODY;
     if
     :: outcome == accepted && !reported[page] -> fate[page] = sent
     :: outcome == again && tries[page] < TRIES && !closed -> fate[page] = due
     :: outcome == again && tries[page] < TRIES && closed -> fate[page] = cancelled
     :: else -> fate[page] = failed; hurry(page)
     fi;
     reported[page] = false;
     if :: fate[page] != due -> tries[page] = 0 :: else fi
  :: else
  fi
}

/* Dead: what it knew is gone, and what it held stays held until the lease ends. */
inline die() {
  crashes++;
  if
  :: fate[page] == sending && holder[page] == _pid -> holder[page] = DEAD
  :: else
  fi
}

#ifdef MARK_FIRST
#define first_half d_step { outcome = accepted; mark() }
#define second_half send()
#else
#define first_half send()
#define second_half d_step { mark() }
#endif

active [PAGERS] proctype Pager() {
  byte page = RUNGS;
  bool began_settled;
  mtype outcome = again;

end:
  do
  :: d_step {
       to_look || to_claim -> began_settled = !waiting;
       look()
     };
     d_step { claim() };
     if
     :: page < RUNGS ->
        if
        :: first_half;
           if
           :: second_half
           :: d_step { crashes < CRASHES -> die() }
           fi
        :: d_step { crashes < CRASHES -> die() }
        fi
     :: else
     fi;
     d_step { page = RUNGS; outcome = again; began_settled = false }
  od
}

/* Time: the next rung comes due; the lease of the dead runs out, and now and then that of the living. */
active proctype Clock() {
end:
  do
#ifndef NO_TIMER
  :: d_step { open_now && timer == future && !alarm -> timer = ripe }
#endif
#ifndef NO_LEASE_EXPIRY
  :: d_step { fate[0] == sending && leased[0] && holder[0] == DEAD -> leased[0] = false }
  :: d_step { fate[1] == sending && leased[1] && holder[1] == DEAD -> leased[1] = false }
  :: d_step { fate[0] == sending && leased[0] && pauses < PAUSES -> pauses++; leased[0] = false }
  :: d_step { fate[1] == sending && leased[1] && pauses < PAUSES -> pauses++; leased[1] = false }
#endif
  od
}

#define may_complain(p) (taken[p] && (fate[p] == sent || (fate[p] == sending && !reported[p])))
inline complain(p) {
  if
  :: fate[p] == sent -> fate[p] = failed; hurry(p)
  :: else -> reported[p] = true
  fi
}

/* Whatever may happen and need not: people accept, on screens and phones; the provider says that a page failed. */
active proctype World() {
  do
#ifndef READ_CHECK_SAVE
  :: d_step { waiting -> waiting = false; acceptances++ }
#endif
  :: d_step { may_complain(0) -> complain(0) }
  :: d_step { may_complain(1) -> complain(1) }
  :: crashes <= CRASHES                 /* or nothing at all: this is always so */
  od
}

#ifdef READ_CHECK_SAVE
active [2] proctype Careless() {       /* broken: looks first, and writes afterwards */
  if
  :: waiting -> d_step { waiting = false; acceptances++; assert(acceptances <= 1) }
  :: true
  fi
}
#endif

#define ended(p) (fate[p] == sent || fate[p] == failed || fate[p] == cancelled)
#define W WATCHED

/* A referral that waits has a timer; it is noticed; it comes to an alarm unless somebody answers; one acceptance. */
ltl has_a_timer { [] ((opened && waiting) -> (!closed && timer != off)) }
ltl is_noticed { [] (waiting -> <> (opened || !waiting)) }
ltl ends_in_an_alarm { [] (waiting -> <> (alarm || !waiting)) }
ltl one_acceptance { [] (acceptances <= 1) }
/* A page comes to an end; one that is called sent has been handed over, and is never sent again. */
ltl page_ends { [] (fate[W] == due -> <> ended(W)) }
ltl sent_was_handed_over { [] (fate[W] == sent -> <> (copies > 0)) }
ltl sent_stays_sent { [] (fate[W] == sent -> [] (fate[W] == sent || fate[W] == failed)) }
/* After an answer the pager comes to rest. */
ltl comes_to_rest { [] ((opened && !waiting) -> <> [] (closed && !to_send(0) && !to_send(1))) }
/* Must fail, or the model proves nothing: these things do happen in it. */
ltl never_an_alarm { [] (!alarm) }
ltl never_as_many_copies_as_faults { [] (copies < 1 + CRASHES + PAUSES) }
ltl never_answered_in_flight { [] (!(fate[W] == sending && acceptances == 1)) }
