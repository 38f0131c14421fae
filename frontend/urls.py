"""The addresses of the screens. A referral's code is not a patient fact; nothing else of a patient is in an address."""

from django.urls import path

from frontend.views import answer, board, case, on_call, phones, refer, sign_in

urlpatterns = [
    path("", board.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/demo/", sign_in.demo, name="sign-in-demo"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("board/", board.board, name="board"),
    path("board/<str:key>/", board.board, name="board-of"),
    path("board/<str:key>/lanes/", board.lanes, name="board-lanes"),
    path("wall/<str:key>/", board.wall, name="wall"),
    path("r/<str:code>/", case.case, name="case"),
    path("r/<str:code>/live/", case.live, name="case-live"),
    path("r/<str:code>/answer/", case.answer_or_act, name="answer"),
    path("r/<str:code>/answer/live/", answer.live, name="answer-live"),
    path("r/<str:code>/<slug:verb>/", case.act, name="act"),
    path("refer/", refer.refer, name="refer"),
    path("refer/hubs/", refer.hubs, name="refer-hubs"),
    path("on-call/", on_call.on_call, name="on-call"),
    path("phones/", phones.phones, name="phones"),
    path("phones/live/", phones.live, name="phones-live"),
    path("phones/<str:number>/reply/", phones.reply, name="phone-reply"),
    path("phones/<str:number>/signal/", phones.signal, name="phone-signal"),
]
