"""Orders stored, changed and summed up through an object mapper."""
# install: python3-sqlalchemy
# import: sqlalchemy.orm
# args: 150
import sys

from sqlalchemy import Column, Float, ForeignKey, Integer, String, create_engine
from sqlalchemy import func, select
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship

Base = declarative_base()


class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    orders = relationship("Order", back_populates="customer")


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    total = Column(Float)
    customer_id = Column(Integer, ForeignKey("customer.id"))
    customer = relationship(Customer, back_populates="orders")


engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    for k in range(int(sys.argv[1])):
        session.add(Customer(name=f"c{k}", orders=[
            Order(total=k * n / 4) for n in range(k % 7)]))
    session.commit()
    for customer in session.scalars(
            select(Customer).options(joinedload(Customer.orders))).unique():
        for order in customer.orders:
            order.total += 1
    session.commit()
    for k in range(0, int(sys.argv[1]), 3):
        found = session.scalars(
            select(Customer).where(Customer.name == f"c{k}")).one()
        assert found.id == k + 1
    print(session.execute(select(func.count(Order.id),
                                 func.sum(Order.total))).one())
