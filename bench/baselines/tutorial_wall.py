"""A question wall as tutorials build it: a table, and each change sends the whole list to all."""

import eventlet

eventlet.monkey_patch()

import os
from typing import Any

from flask import Flask, render_template_string, request
from flask_socketio import SocketIO, emit
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PAGE = """<!doctype html><html lang="nl"><title>Vragenmuur</title><h1>Vragen</h1>
<form method="post" action="/ask"><textarea name="text"></textarea><button>Stuur</button></form>
<ol>{% for question in questions %}<li id="question-{{ question.id }}"><p>{{ question.text }}</p>
<form><button>Deze vraag heb ik ook</button> <span>{{ question.count }}</span></form></li>
{% endfor %}</ol></html>"""

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet", cors_allowed_origins="*")
engine = create_engine(f"sqlite:///{os.environ['INSTANCE']}.db")


class Base(DeclarativeBase):
    pass


class Question(Base):
    __tablename__ = "question"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)


def all_questions() -> list[dict[str, Any]]:
    with Session(engine) as session:
        return [
            {"id": row.id, "text": row.text, "count": row.count}
            for row in session.scalars(select(Question))
        ]


@app.get("/readyz")
def ready() -> str:
    return "ready"


@app.get("/")
def page() -> str:
    return render_template_string(PAGE, questions=all_questions())


@app.post("/ask")
def ask() -> dict[str, int]:
    with Session(engine) as session:
        question = Question(text=request.form["text"])
        session.add(question)
        session.commit()
        answer = {"id": question.id}
    socketio.emit("questions", all_questions())
    return answer


@socketio.on("connect")
def connect() -> None:
    emit("questions", all_questions())


@socketio.on("support")
def support(question_id: int) -> None:
    with Session(engine) as session:
        session.get_one(Question, question_id).count += 1
        session.commit()
    socketio.emit("questions", all_questions())


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    socketio.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]))
